// What the seed of a schedule decides beforehand: the work, and for each run the fleet, its delays
// and its misfortunes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/core_set.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/machine/backlog.hpp"
#include "random.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::simulation {

/// What a compute process does with an order instead of computing it.
enum class Trouble {
  none,
  dies,
  hangs,
  lies,            ///< sends what cannot be the result
  talks_nonsense,  ///< sends what is no message
  wants_rest,      ///< leaves so that a fresh process computes it
  wants_decoders,  ///< leaves so that one with decoders computes it, or although it has them
};
inline constexpr std::uint64_t kTroubles = 7;

/// A task of a stage.
struct TaskPlan {
  double takes = 0;              ///< of the run's scale
  std::uint32_t missing_on = 0;  ///< bit h: ranks of host h do not see its file
  std::uint32_t pairs = 0;       ///< with which it is matched; 0: it is described
  Trouble trouble = Trouble::none;
  std::uint32_t troubled = 0;      ///< so many processes of a rank, one after another
  std::uint32_t answer_bytes = 1;  ///< what its result takes
};

/// What a stage does with features that hosts keep. One that describes images is followed by one
/// that matches them, whose tasks have the same numbers: the dependents match, the others describe.
enum class Kept { no, describes, matches };

struct StagePlan {
  std::vector<TaskPlan> tasks;
  Kept kept = Kept::no;
  /// Of a stage that matches: the images that each of the dependents needs, in ascending order.
  std::vector<std::vector<std::uint32_t>> needs;
  bool rank_0_alone = false;
  bool rank_0_helps = false;
  /// Of the tasks, the first: they need the set of references that the others make.
  std::size_t dependents = 0;
  bool makes_set = false;
  std::optional<std::uint64_t> set_bytes;  ///< the stage brings a set of references, or makes it

  [[nodiscard]] bool is_dependent(std::uint64_t task) const { return task < dependents; }
  /// What the stage is done with once: what is described is lost with a run, or in it.
  [[nodiscard]] bool is_kept_once(std::uint64_t task) const {
    return kept == Kept::no || is_dependent(task);
  }
  [[nodiscard]] std::uint32_t images() const {
    return static_cast<std::uint32_t>(tasks.size() - dependents);
  }
};

/// The work of a schedule. It is the same in every run until all is done.
struct WorkToDo {
  std::vector<StagePlan> stages;

  [[nodiscard]] bool keeps_features() const { return stages.back().kept == Kept::matches; }
};

/// Something that happens to a worker.
struct Misfortune {
  enum class Kind { dies, stops, talks_nonsense };

  Kind kind = Kind::dies;
  Duration at{};
  Duration lasts{};  ///< of `stops`
};

/// Ranks are on one of so many.
inline constexpr unsigned kHosts = 3;

struct RankPlan {
  unsigned host = 0;
  bool in_container = false;  ///< it cannot open files of other processes
  CoreSet cores;              ///< that it may use; empty: not known
  Duration ready_after{};     ///< its processor says that it is ready
  std::vector<Misfortune> misfortunes;
};

/// All processes of a kind stand still.
struct Pause {
  Duration at{};
  Duration lasts{};
};

/// One run, from its start to its end or until rank 0 is killed.
struct RunPlan {
  ById<Rank, RankPlan> ranks;
  Duration timeout{};  ///< --rank-timeout; 0: never
  Duration scale{};    ///< what times are drawn in relation to: the time-out, if there is one
  bool mpi_tells_deaths = false;
  bool sends_files = false;
  int threads = 1;  ///< of each rank

  Duration longest_delay{};     ///< of a message
  unsigned repeated = 0;        ///< messages of 1000 that come a second time, later
  unsigned far_too_late = 0;    ///< messages of 1000 that are delayed by more than the time-out
  Duration task_limit{};        ///< --timeout; 0: none
  unsigned fails_to_start = 0;  ///< compute processes of 1000
  unsigned troubled = 0;        ///< orders of 1000 with which any trouble comes, once
  unsigned dies_at_stop = 0;    ///< of 1000 workers, when they are told to stop
  bool late_messages_are_dropped = false;  ///< those of a lost rank

  machine::Backlog::Bounds backlog;
  Duration item_takes{};                      ///< at most, in the sink
  unsigned item_stalls = 0;                   ///< of 1000
  Duration stall{};                           ///< at most
  std::optional<std::size_t> sink_fails_at;   ///< this item
  std::optional<std::uint64_t> end_asked_at;  ///< this event of rank 0
  bool end_asked_twice = false;
  std::optional<std::uint64_t> killed_at;  ///< rank 0, at this event of it
  std::vector<Pause> rank_0_pauses;        ///< rank 0 alone
  std::vector<Pause> suspensions;          ///< the whole job
  bool references_are_bad = false;         ///< those that a stage makes

  [[nodiscard]] const RankPlan& of(Rank rank) const { return ranks.at(rank); }
};

[[nodiscard]] WorkToDo draw_work(Random& random);

/// `calm`: nothing stands in the way of its end.
[[nodiscard]] RunPlan draw_run(Random& random, const WorkToDo& work, bool calm);

}  // namespace bundle_match::simulation

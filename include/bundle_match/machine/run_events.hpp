// What happens to a run, as rank 0's machine is told it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/outcome.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match::machine {

/// A rank has said something: a worker, or the part of rank 0 that computes.
struct FromRank {
  Rank rank;
  WorkerMessage message;
};

/// MPI has told that the rank died.
struct RankDied {
  Rank rank;
};

/// The rank has sent what no rank may send.
struct RankTalksNonsense {
  Rank rank;
  std::string why;
};

/// The answer to LookForFile.
struct FileLookedFor {
  OrderId order;
  bool found = false;
};

/// The sink has finished so much more of what it was given to keep.
struct Stored {
  std::size_t items = 0;
  std::uint64_t bytes = 0;
};

/// Images whose features stay on the hosts that made them.
struct KeptImages {
  std::size_t count = 0;
  TaskId first;  ///< the task that describes the first of them; the others follow
};

/// The answer to OpenStage: these tasks are next.
struct StageOpened {
  LargeVector<TaskId> tasks;  ///< in the order to hand them out
  /// Tasks with smaller ids need the references that all others, which stand before them, make:
  /// ranks are given some ahead, and ReferencesMade comes while the stage is open.
  TaskId needs_references_below;
  /// Where each host's lane begins in the tasks, if each has one: see Dependence.
  std::vector<std::size_t> lane_starts;
  bool rank_0_alone = false;  ///< rank 0 does the tasks that need no references
  /// Of these, rank 0 does what another rank cannot, as it does not see the file.
  bool rank_0_helps = false;
  /// The set of references that every rank needs before it gets work of this stage.
  std::optional<SharedFile> references;
  /// Hosts keep the features of these images; the tasks that need no references describe them.
  std::optional<KeptImages> kept_images;
};

/// The set of references that ranks need, made of results that were kept. It comes once in a run:
/// thus, or with a stage.
struct ReferencesMade {
  SharedFile file;
};

/// The answer to FindLost: these of the tasks that describe them are to be done again.
struct LostFound {
  std::vector<TaskId> tasks;
};

/// The answer to OpenStage or AbandonStage: there is nothing more to hand out. Also instead of
/// ReferencesMade, if there are none to go on with.
struct WorkOver {
  Outcome outcome;
};

/// The answer to WriteEnding.
struct EndingWritten {
  Outcome outcome;
};

/// The sink cannot go on. It keeps nothing any more.
struct SinkFailed {
  Outcome outcome;
};

/// A signal asks the run to end.
struct EndAsked {};

/// Time has passed. To be told often, also when nothing happens.
struct Tick {};

using RunEvent =
    std::variant<FromRank, RankDied, RankTalksNonsense, FileLookedFor, Stored, StageOpened,
                 ReferencesMade, LostFound, WorkOver, EndingWritten, SinkFailed, EndAsked, Tick>;

}  // namespace bundle_match::machine

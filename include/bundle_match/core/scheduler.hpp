// Assigns tasks to ranks: a state machine, events in, assignments out. Knows no clock, no MPI, no
// files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/task_lanes.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace bundle_match {

/// An assignment: this rank gets this task, under this number.
struct Assignment {
  Rank rank;
  OrderId order;
  TaskId task;

  friend bool operator==(const Assignment&, const Assignment&) = default;
};

/// Which tasks of a list depend on others of it.
struct Dependence {
  /// Tasks with smaller ids are dependent: they can be begun, but not finished, before all others,
  /// which stand first in the list, are done.
  TaskId below;
  std::size_t most_ahead = 2;  ///< of these, how many a rank holds at most until then
  bool rank_0_alone = false;   ///< those that are not dependent are for rank 0
  /// Where each host's lane begins in the list (TaskLanes), whose tasks are then all dependent or
  /// none; empty: hosts share one. Of dependent tasks, whose lanes stand near what they need,
  /// others leave a host one for each of its ranks that works.
  std::vector<std::size_t> lane_starts = {};
};

/// Hands out tasks on demand. A rank holds up to `credit` tasks: one it computes and others it has
/// queued, so that it never waits for the round trip. A place behind the first is filled only while
/// more tasks are unassigned than there are ranks, so that near the end no task waits behind
/// another while a rank is free.
///
/// With a credit above 2, for tasks that take less time than a message, a rank gets several at once
/// when half of what it held is done, and fewer towards the end: no more than half of its even
/// share of what is unassigned (guided self-scheduling, Polychronopoulos and Kuck 1987).
///
/// Dependent tasks are handed out once none of the others is left to hand out, so that nobody waits
/// for these with nothing to do; and they take no place from one that comes back.
class Scheduler {
 public:
  /// A task that a rank holds.
  struct Held {
    OrderId order;
    TaskId task;
  };

  /// None of the ranks asks for work yet.
  explicit Scheduler(HostTable hosts, std::size_t credit = 2);
  /// Ranks 0 .. ranks - 1 of one host.
  explicit Scheduler(std::size_t ranks, std::size_t credit = 2);

  /// These tasks, each of them once, are to be handed out in that order. Only while finished();
  /// ranks have to ask for work again.
  void begin(LargeVector<TaskId> tasks, std::size_t credit = 2, const Dependence& dependence = {});

  /// The rank asks for its first work.
  [[nodiscard]] std::vector<Assignment> rank_ready(Rank rank);

  /// What the rank holds under that number; nothing if it does not hold it (any more).
  [[nodiscard]] std::optional<TaskId> find(Rank rank, OrderId order) const;

  /// The rank has finished the order. Throws std::logic_error if it did not hold it.
  [[nodiscard]] std::vector<Assignment> order_done(Rank rank, OrderId order);

  /// A task that was finished is to be done again, by this rank alone: before others, once the rank
  /// has a place for it.
  [[nodiscard]] std::vector<Assignment> reserve(Rank rank, TaskId task);

  /// Tasks that were finished are to be done once more, before all that is left: what came of them
  /// is lost.
  [[nodiscard]] std::vector<Assignment> redo(const std::vector<TaskId>& tasks);

  /// The rank cannot do the order; somebody will, first of all. Throws std::logic_error if it did
  /// not hold it.
  [[nodiscard]] std::vector<Assignment> give_back(Rank rank, OrderId order);

  /// The rank is gone; what it held is handed to others, first of all.
  [[nodiscard]] std::vector<Assignment> rank_lost(Rank rank);

  /// How many tasks a rank may hold from now on; at least 1.
  void set_credit(std::size_t credit);

  /// Hands nothing out until resume(); what is held may be finished meanwhile.
  void pause() { paused_ = true; }
  [[nodiscard]] std::vector<Assignment> resume();
  [[nodiscard]] bool paused() const { return paused_; }

  /// Forgets what was not handed out, and what comes back of lost ranks; what is held may still be
  /// finished. Until begin().
  void stop_handing_out();
  /// Forgets what is held, too: its results will not be waited for.
  void forget_held();
  /// Forgets dependent tasks that are held, unless what they depend on is done.
  void forget_waiting();

  /// Whether nothing is left to hand out and nothing is held.
  [[nodiscard]] bool finished() const {
    return unassigned() == 0 && reserved_count_ == 0 && held_count_ == 0;
  }

  [[nodiscard]] std::size_t unassigned() const {
    return independent_.size() + dependent_.size();  // what is reserved is for one rank only
  }
  [[nodiscard]] std::size_t held_count() const { return held_count_; }
  /// Whether the task may have to wait for others to be done.
  [[nodiscard]] bool waits(TaskId task) const {
    return independent_left_ > 0 && is_dependent(task);
  }
  [[nodiscard]] IdRange<Rank> ranks() const { return ranks_.ids(); }
  [[nodiscard]] bool is_lost(Rank rank) const;
  [[nodiscard]] bool any_lost() const { return live_ranks_ < ranks_.size(); }
  /// The tasks the rank holds now, in the order it works on them.
  [[nodiscard]] const std::deque<Held>& held_by(Rank rank) const;

 private:
  enum class RankState { idle, working, lost };
  struct RankEntry {
    RankState state = RankState::idle;
    std::deque<Held> held;
    std::size_t dependent_held = 0;
    std::deque<TaskId> reserved;
  };
  enum class Kind { independent, dependent };
  [[nodiscard]] TaskId take_from(Rank rank, OrderId order);
  void fill(Rank rank, std::vector<Assignment>& assignments);
  void fill_all(std::vector<Assignment>& assignments);
  void give(Rank rank, Kind kind, std::size_t credit, std::vector<Assignment>& assignments);
  [[nodiscard]] std::size_t places(std::size_t credit, std::size_t unassigned) const;
  [[nodiscard]] std::optional<TaskId> take_next(Rank rank, Kind kind);
  [[nodiscard]] TaskLanes& unassigned(Kind kind) {
    return kind == Kind::dependent ? dependent_ : independent_;
  }
  void put_back(Rank rank, TaskId task);
  void leave_its_own(HostIndex host);
  [[nodiscard]] bool has_reserved(const RankEntry& rank, Kind kind) const;
  [[nodiscard]] bool is_dependent(TaskId task) const { return task < dependence_.below; }
  [[nodiscard]] bool is_of(Kind kind, TaskId task) const {
    return is_dependent(task) == (kind == Kind::dependent);
  }

  HostTable hosts_;
  Dependence dependence_;
  // To be handed out.
  TaskLanes independent_;
  TaskLanes dependent_;
  std::size_t independent_left_ = 0;  // to be done
  ById<Rank, RankEntry> ranks_;
  std::size_t live_ranks_;
  std::size_t held_count_ = 0;
  std::size_t reserved_count_ = 0;
  std::size_t credit_;
  bool paused_ = false;
  bool stopped_ = false;
  OrderId next_order_;
};

}  // namespace bundle_match

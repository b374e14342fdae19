// Tasks that are to be handed out: a lane for each host, so that a host gets those that need what
// it has, and what others have left once its own are handed out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace bundle_match {

class TaskLanes {
 public:
  /// No tasks, in one lane that all hosts share.
  TaskLanes() : TaskLanes(LargeVector<TaskId>()) {}
  /// One lane, which all hosts share, in that order.
  explicit TaskLanes(LargeVector<TaskId> tasks);
  /// Lane i begins at position starts[i] and ends where the next one begins, or with the tasks.
  /// Throws std::logic_error if there is no lane, one begins before the one before it, or behind
  /// the tasks, or the first does not begin at 0.
  TaskLanes(LargeVector<TaskId> tasks, const std::vector<std::size_t>& starts);

  /// The next task of the host's lane. If there is none, the host takes over the second half of the
  /// longest of the lanes (receiver-initiated work stealing, Eager et al. 1986): what stands near
  /// each other stays together. A host without a lane shares the last one.
  [[nodiscard]] std::optional<TaskId> take(HostIndex host);

  /// A task comes back: it is the next one of the host's lane.
  void put_back(HostIndex host, TaskId task);

  /// From now on nothing is taken over from the host's lane that leaves it fewer tasks.
  void set_least(HostIndex host, std::size_t tasks);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  struct Lane {
    std::size_t next = 0;  // positions in tasks_
    std::size_t end = 0;
    std::deque<TaskId> returned;  // before all others
    std::size_t least = 0;

    [[nodiscard]] std::size_t size() const { return end - next + returned.size(); }
    // That others may take over.
    [[nodiscard]] std::size_t spare() const { return size() > least ? size() - least : 0; }
  };

  Lane& lane_of(HostIndex host);
  void take_over(Lane& lane);

  LargeVector<TaskId> tasks_;
  std::vector<Lane> lanes_;
  std::size_t size_ = 0;
};

}  // namespace bundle_match

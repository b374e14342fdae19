// Lanes of tasks, and how one that is empty gets more.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/task_lanes.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bundle_match {

TaskLanes::TaskLanes(LargeVector<TaskId> tasks) : TaskLanes(std::move(tasks), {0}) {}

TaskLanes::TaskLanes(LargeVector<TaskId> tasks, const std::vector<std::size_t>& starts)
    : tasks_(std::move(tasks)), left_(tasks_.size()) {
  if (starts.empty() || starts.front() != 0 || starts.back() > tasks_.size() ||
      !std::is_sorted(starts.begin(), starts.end())) {
    throw std::logic_error("lanes that do not share the tasks out");
  }
  lanes_.reserve(starts.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    lanes_.push_back({starts[i], i + 1 < starts.size() ? starts[i + 1] : tasks_.size()});
  }
}

std::optional<TaskId> TaskLanes::take(HostIndex host) {
  if (left_ == 0) {
    return std::nullopt;
  }
  Lane& lane = lanes_[std::min(host.value(), lanes_.size() - 1)];
  if (lane.size() == 0) {
    take_over(lane);
  }
  --left_;
  return tasks_[lane.next++];
}

void TaskLanes::take_over(Lane& lane) {
  Lane& longest = *std::max_element(lanes_.begin(), lanes_.end(), [](const Lane& a, const Lane& b) {
    return a.size() < b.size();
  });
  lane = {longest.next + longest.size() / 2, longest.end};
  longest.end = lane.next;
}

void TaskLanes::clear() {
  tasks_.clear();
  lanes_.clear();
  left_ = 0;
}

}  // namespace bundle_match

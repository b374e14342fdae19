// Lanes of tasks, and how one that is empty gets more.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/task_lanes.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bundle_match {

TaskLanes::TaskLanes(LargeVector<TaskId> tasks) : TaskLanes(std::move(tasks), {0}) {}

TaskLanes::TaskLanes(LargeVector<TaskId> tasks, const std::vector<std::size_t>& starts)
    : tasks_(std::move(tasks)), size_(tasks_.size()) {
  if (starts.empty() || starts.front() != 0 || starts.back() > tasks_.size() ||
      !std::is_sorted(starts.begin(), starts.end())) {
    throw std::logic_error("lanes that do not share the tasks out");
  }
  lanes_.resize(starts.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    lanes_[i].next = starts[i];
    lanes_[i].end = i + 1 < starts.size() ? starts[i + 1] : tasks_.size();
  }
}

std::optional<TaskId> TaskLanes::take(HostIndex host) {
  Lane& lane = lane_of(host);
  if (lane.size() == 0) {
    take_over(lane);
  }
  if (lane.size() == 0) {
    return std::nullopt;
  }
  --size_;
  if (!lane.returned.empty()) {
    const TaskId task = lane.returned.front();
    lane.returned.pop_front();
    return task;
  }
  return tasks_[lane.next++];
}

void TaskLanes::put_back(HostIndex host, TaskId task) {
  lane_of(host).returned.push_front(task);
  ++size_;
}

void TaskLanes::set_least(HostIndex host, std::size_t tasks) { lane_of(host).least = tasks; }

TaskLanes::Lane& TaskLanes::lane_of(HostIndex host) {
  return lanes_[std::min(host.value(), lanes_.size() - 1)];
}

// Half of what is longest, but no more than it can spare.
void TaskLanes::take_over(Lane& lane) {
  Lane& longest = *std::max_element(lanes_.begin(), lanes_.end(), [](const Lane& a, const Lane& b) {
    return a.spare() < b.spare();
  });
  const std::size_t count = std::min(longest.spare(), (longest.size() + 1) / 2);
  const std::size_t of_range = std::min(count, longest.end - longest.next);
  lane.next = longest.end - of_range;
  lane.end = longest.end;
  longest.end = lane.next;
  for (std::size_t i = of_range; i < count; ++i) {
    lane.returned.push_front(longest.returned.back());
    longest.returned.pop_back();
  }
}

}  // namespace bundle_match

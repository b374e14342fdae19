// In which order, and on which host, tasks find most of what they need where they are done.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/work_plan.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace bundle_match {

/// All images of the plan, each once, so that those that are matched with each other stand near
/// each other: breadth first along the pairs, from the first image that was not reached yet
/// (Cuthill and McKee 1969, without their sorting by degree). The plan is among images.
[[nodiscard]] std::vector<ImageIndex> locality_order(const WorkPlan& plan);

/// Tasks to hand out, a lane for each host (TaskLanes).
struct LaneOrder {
  LargeVector<TaskId> tasks;
  std::vector<std::size_t> starts;

  friend bool operator==(const LaneOrder&, const LaneOrder&) = default;
};

/// Where the lanes of hosts begin that share so many tasks out by the number of their ranks.
[[nodiscard]] std::vector<std::size_t> even_lanes(std::size_t tasks, const HostTable& hosts);

/// Tasks of the plan, which is among images, in locality_order() of their images, cut into blocks:
/// a block goes to the host that has most of its images' features, unless that has its share.
/// `tasks`: those to be done. `homes`: the host of each image's features; nothing: it has none.
[[nodiscard]] LaneOrder lanes_near_features(const WorkPlan& plan, const LargeVector<TaskId>& tasks,
                                            const ById<ImageIndex, std::optional<HostIndex>>& homes,
                                            const HostTable& hosts);

}  // namespace bundle_match

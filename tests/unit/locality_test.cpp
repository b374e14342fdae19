// Tasks near the features that they need.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/locality.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bundle_match {
namespace {

using Numbers = std::vector<std::uint64_t>;

Numbers order_of(const PairSet& pairs) {
  Numbers order;
  for (const ImageIndex image : locality_order(WorkPlan::among(pairs))) {
    order.push_back(image.value());
  }
  return order;
}

HostTable hosts(std::vector<std::string> names) {
  return HostTable(ById<Rank, std::string>(std::move(names)));
}

// So many scenes of so many images each, which stand in the input one of each scene after another;
// all of a scene are matched with each other.
PairSet scattered_scenes(std::uint64_t scenes, std::uint64_t images) {
  std::vector<PairSet::Pair> pairs;
  for (std::uint64_t scene = 0; scene < scenes; ++scene) {
    for (std::uint64_t a = 0; a < images; ++a) {
      for (std::uint64_t b = a + 1; b < images; ++b) {
        pairs.push_back({ImageIndex(a * scenes + scene), ImageIndex(b * scenes + scene)});
      }
    }
  }
  return PairSet::of(scenes * images, std::move(pairs));
}

LargeVector<TaskId> all_tasks(const WorkPlan& plan) {
  LargeVector<TaskId> tasks;
  for (const TaskId task : first_ids<TaskId>(plan.task_count())) {
    tasks.push_back(task);
  }
  return tasks;
}

std::vector<std::vector<TaskId>> lanes_of(const LaneOrder& order) {
  std::vector<std::vector<TaskId>> lanes;
  for (std::size_t i = 0; i < order.starts.size(); ++i) {
    const std::size_t end = i + 1 < order.starts.size() ? order.starts[i + 1] : order.tasks.size();
    lanes.emplace_back(order.tasks.begin() + static_cast<std::ptrdiff_t>(order.starts[i]),
                       order.tasks.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return lanes;
}

TEST(Locality, ASequenceStaysInItsOrder) {
  EXPECT_EQ(order_of(PairSet::window(6, 2)), (Numbers{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(order_of(PairSet::all(4)), (Numbers{0, 1, 2, 3}));
}

TEST(Locality, WhatIsMatchedWithEachOtherStandsTogether) {
  EXPECT_EQ(order_of(scattered_scenes(3, 3)), (Numbers{0, 3, 6, 1, 4, 7, 2, 5, 8}));
}

TEST(Locality, PairsAreFollowedBothWays) {
  EXPECT_EQ(order_of(PairSet::of(5, {{0_image, 4_image}, {2_image, 4_image}})),
            (Numbers{0, 4, 2, 1, 3}));
}

TEST(Locality, HostsShareByTheirRanks) {
  EXPECT_EQ(even_lanes(10, hosts({"a", "b", "b", "c", "b"})), (std::vector<std::size_t>{0, 2, 8}));
  EXPECT_EQ(even_lanes(0, hosts({"a", "b"})), (std::vector<std::size_t>{0, 0}));
  EXPECT_EQ(even_lanes(3, hosts({"a", "b"})), (std::vector<std::size_t>{0, 1}));
}

TEST(Locality, ABlockGoesWhereItsFeaturesAre) {
  const WorkPlan plan = WorkPlan::among(PairSet::window(32, 1));
  const HostTable table = hosts({"a", "b"});
  ById<ImageIndex, std::optional<HostIndex>> homes;
  for (std::size_t i = 0; i < 32; ++i) {
    homes.push_back(HostIndex(i < 16 ? 1 : 0));
  }
  const auto lanes = lanes_of(lanes_near_features(plan, all_tasks(plan), homes, table));
  ASSERT_EQ(lanes.size(), 2U);
  EXPECT_TRUE(std::all_of(lanes[0].begin(), lanes[0].end(),
                          [&](TaskId task) { return plan.image_of(task) >= 16_image; }));
  EXPECT_EQ(lanes[0].size(), 16U);
  EXPECT_EQ(lanes[1].size(), 15U) << "the first image has no task";
}

TEST(Locality, NoHostGetsMuchMoreThanItsShare) {
  const WorkPlan plan = WorkPlan::among(PairSet::all(200));
  const HostTable table = hosts({"a", "b", "b", "b"});
  const ById<ImageIndex, std::optional<HostIndex>> all_on_a(200, HostIndex(0));
  const auto lanes = lanes_of(lanes_near_features(plan, all_tasks(plan), all_on_a, table));
  std::uint64_t pairs_of_a = 0;
  for (const TaskId task : lanes.front()) {
    pairs_of_a += plan.pairs_of(task);
  }
  EXPECT_GE(pairs_of_a, plan.pairs() / 4);
  EXPECT_LE(pairs_of_a, plan.pairs() / 4 + WorkPlan::kPairsOfATask);
}

TEST(Locality, EachTaskIsInOneLane) {
  const WorkPlan plan = WorkPlan::among(scattered_scenes(7, 30));
  const HostTable table = hosts({"a", "b", "c", "c"});
  ById<ImageIndex, std::optional<HostIndex>> homes(210);
  for (const ImageIndex image : homes.ids()) {
    if (image.value() % 5 != 0) {
      homes[image] = HostIndex(image.value() * 7 % 3);
    }
  }
  const LaneOrder order = lanes_near_features(plan, all_tasks(plan), homes, table);
  EXPECT_EQ(std::set<TaskId>(order.tasks.begin(), order.tasks.end()).size(), plan.task_count());
  EXPECT_EQ(order.tasks.size(), plan.task_count());
}

TEST(Locality, AScatteredSceneIsMatchedOnOneHost) {
  const std::uint64_t scenes = 32;
  const WorkPlan plan = WorkPlan::among(scattered_scenes(scenes, 8));
  const HostTable table = hosts({"a", "b"});
  ById<ImageIndex, std::optional<HostIndex>> homes(scenes * 8);
  for (const ImageIndex image : homes.ids()) {
    homes[image] = HostIndex(image.value() / scenes % 2);  // half of each scene
  }
  std::set<std::uint64_t> split;
  const auto lanes = lanes_of(lanes_near_features(plan, all_tasks(plan), homes, table));
  std::set<std::uint64_t> of_a;
  for (const TaskId task : lanes[0]) {
    of_a.insert(plan.image_of(task).value() % scenes);
  }
  for (const TaskId task : lanes[1]) {
    if (of_a.contains(plan.image_of(task).value() % scenes)) {
      split.insert(plan.image_of(task).value() % scenes);
    }
  }
  EXPECT_LE(split.size(), 1U);
}

}  // namespace
}  // namespace bundle_match

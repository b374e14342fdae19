// Lanes of tasks: each host its own, and the longest one's second half when that is empty.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/task_lanes.hpp"

#include "support/task_lists.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <stdexcept>
#include <vector>

namespace bundle_match {
namespace {

using test::tasks_up_to;

constexpr HostIndex kA(0);
constexpr HostIndex kB(1);
constexpr HostIndex kC(2);

std::vector<std::uint64_t> take_all(TaskLanes& lanes, HostIndex host) {
  std::vector<std::uint64_t> taken;
  while (const auto task = lanes.take(host)) {
    taken.push_back(task->value());
  }
  return taken;
}

using Numbers = std::vector<std::uint64_t>;

TEST(TaskLanes, OneLaneIsTakenInItsOrderByAllHosts) {
  TaskLanes lanes(tasks_up_to(3));
  EXPECT_EQ(lanes.size(), 3U);
  EXPECT_EQ(lanes.take(kC), TaskId(0));
  EXPECT_EQ(lanes.take(kA), TaskId(1));
  EXPECT_EQ(lanes.take(kC), TaskId(2));
  EXPECT_EQ(lanes.take(kA), std::nullopt);
  EXPECT_TRUE(lanes.empty());
}

TEST(TaskLanes, EachHostHasItsOwn) {
  TaskLanes lanes(tasks_up_to(6), {0, 2, 5});
  EXPECT_EQ(lanes.take(kB), TaskId(2));
  EXPECT_EQ(lanes.take(kA), TaskId(0));
  EXPECT_EQ(lanes.take(kC), TaskId(5));
  EXPECT_EQ(lanes.take(kB), TaskId(3));
  EXPECT_EQ(lanes.take(kA), TaskId(1));
  EXPECT_EQ(lanes.size(), 1U);
}

TEST(TaskLanes, AHostThatHasNoneLeftTakesOverTheEndOfTheLongest) {
  TaskLanes lanes(tasks_up_to(12), {0, 1, 9});  // 0 | 1 .. 8 | 9 .. 11
  EXPECT_EQ(lanes.take(kA), TaskId(0));
  EXPECT_EQ(lanes.take(kA), TaskId(5)) << "the second half of 1 .. 8";
  EXPECT_EQ(lanes.take(kB), TaskId(1));
  EXPECT_EQ(take_all(lanes, kB), (Numbers{2, 3, 4, 7, 8, 10, 11, 6, 9}));
}

TEST(TaskLanes, EachTaskIsTakenOnceWhoeverAsks) {
  for (std::size_t split = 0; split <= 20; ++split) {
    TaskLanes lanes(tasks_up_to(20), {0, split, split});
    std::set<TaskId> taken;
    for (std::size_t i = 0; i < 20; ++i) {
      const auto task = lanes.take(HostIndex(i * i % 3));
      ASSERT_TRUE(task && taken.insert(*task).second);
      EXPECT_EQ(lanes.size(), 19 - i);
    }
    EXPECT_EQ(lanes.take(kA), std::nullopt);
  }
}

TEST(TaskLanes, WhatComesBackIsTheNextOfItsHost) {
  TaskLanes lanes(tasks_up_to(4), {0, 2});
  EXPECT_EQ(lanes.take(kA), TaskId(0));
  EXPECT_EQ(lanes.take(kA), TaskId(1));
  lanes.put_back(kA, TaskId(1));
  lanes.put_back(kA, TaskId(0));
  EXPECT_EQ(lanes.size(), 4U);
  EXPECT_EQ(lanes.take(kB), TaskId(2));
  EXPECT_EQ(take_all(lanes, kA), (Numbers{0, 1, 3}));
}

TEST(TaskLanes, WhatCameBackIsTakenOverToo) {
  TaskLanes lanes(tasks_up_to(0), {0, 0});
  for (const std::uint64_t task : {5, 4, 3, 2, 1}) {
    lanes.put_back(kA, TaskId(task));
  }
  EXPECT_EQ(lanes.take(kB), TaskId(3));
  EXPECT_EQ(take_all(lanes, kA), (Numbers{1, 2, 5, 4}));
}

TEST(TaskLanes, AHostIsLeftItsLeast) {
  TaskLanes lanes(tasks_up_to(8), {0, 0});
  lanes.set_least(kB, 6);
  EXPECT_EQ(take_all(lanes, kA), (Numbers{6, 7}));
  EXPECT_EQ(lanes.size(), 6U);
  lanes.set_least(kB, 0);
  EXPECT_EQ(lanes.take(kA), TaskId(3));
}

TEST(TaskLanes, ThereAreNoneAtFirst) {
  TaskLanes lanes;
  EXPECT_TRUE(lanes.empty());
  EXPECT_EQ(lanes.take(kA), std::nullopt);
  lanes.put_back(kC, TaskId(7));
  EXPECT_EQ(lanes.take(kA), TaskId(7));
}

TEST(TaskLanes, LanesShareTheTasksOut) {
  EXPECT_THROW(TaskLanes(tasks_up_to(3), {}), std::logic_error);
  EXPECT_THROW(TaskLanes(tasks_up_to(3), {1, 2}), std::logic_error);
  EXPECT_THROW(TaskLanes(tasks_up_to(3), {0, 2, 1}), std::logic_error);
  EXPECT_THROW(TaskLanes(tasks_up_to(3), {0, 4}), std::logic_error);
}

}  // namespace
}  // namespace bundle_match

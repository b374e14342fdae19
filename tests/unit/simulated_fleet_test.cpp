// The scheduler against a simulated fleet with fixed seeds.
// SPDX-License-Identifier: Apache-2.0
#include "simulated_fleet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <numeric>
#include <random>

namespace bundle_match {
namespace {

using test::FleetPlan;
using test::FleetRun;
using test::SimulatedFleet;
using test::SimulatedRank;
using test::Ticks;

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kLastSeed = 300;

FleetPlan plan_of(std::size_t ranks, std::size_t tasks, Ticks duration = 10) {
  FleetPlan plan;
  plan.ranks.resize(ranks);
  plan.durations.assign(tasks, duration);
  return plan;
}

void expect_each_done_once(const FleetRun& run) {
  EXPECT_TRUE(run.finished);
  for (std::size_t task = 0; task < run.times_done.size(); ++task) {
    EXPECT_EQ(run.times_done[task], 1) << "task " << task;
    EXPECT_EQ(run.times_assigned[task], 1 + run.times_lost[task]) << "task " << task;
  }
}

TEST(SimulatedFleet, OfOneRankDoesEverythingInOrder) {
  FleetPlan plan = plan_of(1, 6);
  for (const std::uint64_t task : {5, 3, 1, 0, 2, 4}) {
    plan.order.emplace_back(task);
  }
  const FleetRun run = SimulatedFleet(plan).run();
  expect_each_done_once(run);
  ASSERT_EQ(run.assignments.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(run.assignments[i].task, plan.order[i]);
  }
  EXPECT_EQ(run.largest_queue, 2U);
}

TEST(SimulatedFleet, LargerThanItsBundleGivesNobodyTwo) {
  const FleetRun run = SimulatedFleet(plan_of(12, 5)).run();
  expect_each_done_once(run);
  EXPECT_EQ(run.largest_queue, 1U);
  EXPECT_EQ(run.end, 10U) << "all at the same time";
}

// A task that waits behind another while a rank is free makes the end later than this.
TEST(SimulatedFleet, TakesNoLongerThanItMustForEqualTasks) {
  for (std::size_t ranks = 1; ranks <= 9; ++ranks) {
    for (std::size_t tasks = 0; tasks <= 40; ++tasks) {
      SCOPED_TRACE(testing::Message() << ranks << " ranks, " << tasks << " tasks");
      const FleetRun run = SimulatedFleet(plan_of(ranks, tasks)).run();
      expect_each_done_once(run);
      EXPECT_EQ(run.end, 10 * ((tasks + ranks - 1) / ranks));
    }
  }
}

TEST(SimulatedFleet, OfWhichAllButRank0AreLostFinishes) {
  FleetPlan plan = plan_of(8, 40);
  for (const Rank rank : worker_ranks(plan.ranks.size())) {
    plan.ranks[rank].lost_at = 5;  // in the middle of their first task, with a second one queued
  }
  const FleetRun run = SimulatedFleet(plan).run();
  expect_each_done_once(run);
  EXPECT_EQ(std::count(run.times_lost.begin(), run.times_lost.end(), 1), 14);
}

TEST(SimulatedFleet, WhoseLateRanksNeverComeFinishes) {
  FleetPlan plan = plan_of(4, 9);
  for (const Rank rank : worker_ranks(plan.ranks.size())) {
    plan.ranks[rank] = {.ready_at = 1000, .lost_at = 500};
  }
  const FleetRun run = SimulatedFleet(plan).run();
  expect_each_done_once(run);
  EXPECT_EQ(run.end, 90U);
}

TEST(SimulatedFleet, IsIdleWhilePausedAndThenGoesOn) {
  FleetPlan plan = plan_of(3, 9);
  plan.pauses = {{.from = 5, .to = 100}};
  const FleetRun run = SimulatedFleet(plan).run();
  expect_each_done_once(run);
  EXPECT_EQ(run.end, 110U) << "six by 20, three more when it goes on";
}

// Ranks, tasks, durations over three decades, late and lost ranks, pauses: all by chance.
FleetPlan random_plan(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&random](std::uint64_t limit) { return random() % limit; };
  FleetPlan plan;
  plan.ranks.resize(1 + below(12));
  plan.durations.resize(below(70));
  constexpr std::size_t kCredits[] = {1, 2, 3, 16};
  plan.credit = kCredits[below(4)];
  for (Ticks& duration : plan.durations) {
    constexpr Ticks kScales[] = {1, 10, 100, 1000};
    duration = 1 + below(kScales[below(4)]);
  }
  for (std::uint64_t task = 0; task < plan.durations.size(); ++task) {
    const auto place = static_cast<std::ptrdiff_t>(below(task + 1));
    plan.order.insert(plan.order.begin() + place, TaskId(task));
  }
  for (const Rank rank : plan.ranks.ids()) {
    SimulatedRank& it = plan.ranks[rank];
    it.ready_at = below(3) == 0 ? below(2000) : 0;
    if (rank != kRank0 && below(3) == 0) {
      it.lost_at = below(2000);
    }
  }
  for (Ticks from = below(500); below(2) == 0; from = plan.pauses.back().to + below(500)) {
    plan.pauses.push_back({from, from + below(300)});
  }
  return plan;
}

TEST(SimulatedFleet, OfAnyShapeDoesEveryTaskOnce) {
  std::cout << "seeds " << kFirstSeed << " to " << kLastSeed << "\n";
  int lost_tasks = 0;
  std::size_t largest_queue = 0;
  std::size_t pauses = 0;
  for (std::uint64_t seed = kFirstSeed; seed <= kLastSeed && !HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const FleetPlan plan = random_plan(seed);
    const FleetRun run = SimulatedFleet(plan).run();
    expect_each_done_once(run);
    lost_tasks += std::accumulate(run.times_lost.begin(), run.times_lost.end(), 0);
    largest_queue = std::max(largest_queue, run.largest_queue);
    pauses += plan.pauses.size();
  }
  // The seeds are worth nothing if they lead to no loss, no queue and no pause.
  EXPECT_GT(lost_tasks, 100);
  EXPECT_GT(largest_queue, 3U);
  EXPECT_GT(pauses, 100U);
}

}  // namespace
}  // namespace bundle_match

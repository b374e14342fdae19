// The scheduler alone, and against a simulated fleet with fixed seeds.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/scheduler.hpp"

#include "simulated_fleet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <numeric>
#include <random>
#include <stdexcept>

namespace bundle_match {
namespace {

using test::FleetPlan;
using test::FleetRun;
using test::SimulatedFleet;
using test::SimulatedRank;
using test::Ticks;

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kLastSeed = 300;

FleetPlan plan_of(std::size_t ranks, std::size_t images, Ticks duration = 10) {
  FleetPlan plan;
  plan.ranks.resize(ranks);
  plan.durations.assign(images, duration);
  return plan;
}

LargeVector<ImageIndex> images(std::size_t count) {
  LargeVector<ImageIndex> order(count);
  std::iota(order.begin(), order.end(), ImageIndex{0});
  return order;
}

void expect_each_done_once(const FleetRun& run) {
  EXPECT_TRUE(run.finished);
  for (std::size_t image = 0; image < run.times_done.size(); ++image) {
    EXPECT_EQ(run.times_done[image], 1) << "image " << image;
    EXPECT_EQ(run.times_assigned[image], 1 + run.times_lost[image]) << "image " << image;
  }
}

TEST(Scheduler, IsFinishedAtOnceWithoutImages) {
  Scheduler scheduler({}, 3);
  EXPECT_TRUE(scheduler.finished());
  EXPECT_TRUE(scheduler.rank_ready(0).empty());
  EXPECT_TRUE(scheduler.rank_lost(1).empty());
  EXPECT_TRUE(scheduler.finished());
}

TEST(Scheduler, GivesARankTwoImagesWhileThereAreMoreThanRanks) {
  Scheduler scheduler({7, 5, 3, 1}, 1);
  EXPECT_EQ(scheduler.rank_ready(0), (std::vector<Assignment>{{0, 7}, {0, 5}}));
  EXPECT_EQ(scheduler.held_by(0), (std::deque<ImageIndex>{7, 5}));
  EXPECT_EQ(scheduler.image_done(0, 7), (std::vector<Assignment>{{0, 3}}));
  // One image left and one rank: it is not queued behind another.
  EXPECT_TRUE(scheduler.image_done(0, 5).empty());
  EXPECT_EQ(scheduler.unassigned(), 1U);
  EXPECT_EQ(scheduler.image_done(0, 3), (std::vector<Assignment>{{0, 1}}));
  EXPECT_FALSE(scheduler.finished());
  EXPECT_TRUE(scheduler.image_done(0, 1).empty());
  EXPECT_TRUE(scheduler.finished());
}

TEST(Scheduler, KeepsTheSecondPlaceEmptyForRanksThatAreStillStarting) {
  Scheduler scheduler({0, 1, 2}, 3);
  EXPECT_EQ(scheduler.rank_ready(2), (std::vector<Assignment>{{2, 0}}));
  EXPECT_EQ(scheduler.rank_ready(0), (std::vector<Assignment>{{0, 1}}));
  EXPECT_EQ(scheduler.rank_ready(1), (std::vector<Assignment>{{1, 2}}));
}

TEST(Scheduler, TakesAReadyRankOnce) {
  Scheduler scheduler({0, 1, 2, 3, 4, 5}, 2);
  EXPECT_EQ(scheduler.rank_ready(0).size(), 2U);
  EXPECT_TRUE(scheduler.rank_ready(0).empty());
}

TEST(Scheduler, ThrowsForAnImageThatTheRankDoesNotHold) {
  Scheduler scheduler({0, 1, 2, 3, 4, 5}, 2);
  EXPECT_THROW((void)scheduler.image_done(0, 0), std::logic_error) << "before it was given any";
  ASSERT_EQ(scheduler.rank_ready(0).size(), 2U);
  EXPECT_THROW((void)scheduler.image_done(0, 2), std::logic_error) << "not handed out yet";
  EXPECT_THROW((void)scheduler.image_done(1, 0), std::logic_error) << "another rank's";
  EXPECT_THROW((void)scheduler.image_done(0, kNoImage), std::logic_error);
  ASSERT_EQ(scheduler.image_done(0, 0).size(), 1U);
  EXPECT_THROW((void)scheduler.image_done(0, 0), std::logic_error) << "done already";
  EXPECT_THROW((void)scheduler.image_done(7, 1), std::logic_error) << "no such rank";
}

TEST(Scheduler, RefusesNoRanksAndNoCredit) {
  EXPECT_THROW(Scheduler({0}, 0), std::logic_error);
  EXPECT_THROW(Scheduler({0}, -1), std::logic_error);
  EXPECT_THROW(Scheduler({0}, 1, 0), std::logic_error);
}

TEST(Scheduler, HandsWhatALostRankHeldToOthersFirstAndInOrder) {
  Scheduler scheduler({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 3);
  ASSERT_EQ(scheduler.rank_ready(0), (std::vector<Assignment>{{0, 0}, {0, 1}}));
  ASSERT_EQ(scheduler.rank_ready(1), (std::vector<Assignment>{{1, 2}, {1, 3}}));
  EXPECT_TRUE(scheduler.rank_lost(0).empty()) << "rank 1 has all it may hold";
  EXPECT_TRUE(scheduler.held_by(0).empty());
  EXPECT_EQ(scheduler.image_done(1, 2), (std::vector<Assignment>{{1, 0}}));
  EXPECT_EQ(scheduler.image_done(1, 3), (std::vector<Assignment>{{1, 1}}));
  EXPECT_EQ(scheduler.rank_ready(2), (std::vector<Assignment>{{2, 4}, {2, 5}}));
}

TEST(Scheduler, WakesIdleRanksWhenAnotherIsLost) {
  Scheduler scheduler({0, 1}, 3);
  ASSERT_EQ(scheduler.rank_ready(0).size(), 1U);
  ASSERT_EQ(scheduler.rank_ready(1).size(), 1U);
  ASSERT_TRUE(scheduler.rank_ready(2).empty());
  EXPECT_EQ(scheduler.rank_lost(1), (std::vector<Assignment>{{2, 1}}));
}

TEST(Scheduler, ForgetsALostRank) {
  Scheduler scheduler({0, 1, 2}, 2);
  ASSERT_EQ(scheduler.rank_ready(1).size(), 1U);
  ASSERT_TRUE(scheduler.rank_lost(1).empty());
  EXPECT_TRUE(scheduler.rank_lost(1).empty()) << "lost twice is lost once";
  EXPECT_TRUE(scheduler.rank_ready(1).empty()) << "a late word of it";
  EXPECT_THROW((void)scheduler.image_done(1, 0), std::logic_error);
  EXPECT_EQ(scheduler.unassigned(), 3U);
  EXPECT_EQ(scheduler.rank_ready(0), (std::vector<Assignment>{{0, 0}, {0, 1}}))
      << "one live rank: its second place counts that";
}

TEST(Scheduler, IsNotFinishedWhenTheLastRankIsLost) {
  Scheduler scheduler({0}, 1);
  ASSERT_EQ(scheduler.rank_ready(0).size(), 1U);
  EXPECT_TRUE(scheduler.rank_lost(0).empty());
  EXPECT_FALSE(scheduler.finished());
}

TEST(Scheduler, HandsOutSeveralAtOnceOfWhatIsShort) {
  Scheduler scheduler(images(100), 2);
  scheduler.set_credit(10);
  EXPECT_EQ(scheduler.rank_ready(1).size(), 10U);
  for (ImageIndex image = 0; image < 4; ++image) {
    EXPECT_TRUE(scheduler.image_done(1, image).empty()) << "more than half is left";
  }
  const std::vector<Assignment> next = scheduler.image_done(1, 4);
  ASSERT_EQ(next.size(), 5U);
  EXPECT_EQ(next.front(), (Assignment{1, 10}));
}

TEST(Scheduler, HandsOutNoMoreThanHalfOfARanksEvenShareAtOnce) {
  Scheduler scheduler(images(100), 5);
  scheduler.set_credit(1000);
  EXPECT_EQ(scheduler.rank_ready(0).size(), 10U);
  EXPECT_EQ(scheduler.rank_ready(1).size(), 9U);
}

TEST(Scheduler, TakesASmallerCreditInItsStride) {
  Scheduler scheduler({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 1);
  scheduler.set_credit(4);
  EXPECT_EQ(scheduler.rank_ready(0).size(), 4U);
  scheduler.set_credit(2);
  EXPECT_TRUE(scheduler.image_done(0, 0).empty());
  EXPECT_TRUE(scheduler.image_done(0, 1).empty());
  EXPECT_EQ(scheduler.image_done(0, 2), (std::vector<Assignment>{{0, 4}}));
  EXPECT_THROW(scheduler.set_credit(0), std::logic_error);
}

TEST(Scheduler, HandsNothingOutOnceToldSo) {
  Scheduler scheduler({0, 1, 2, 3, 4}, 2);
  ASSERT_EQ(scheduler.rank_ready(0).size(), 2U);
  scheduler.stop_handing_out();
  EXPECT_TRUE(scheduler.rank_ready(1).empty());
  EXPECT_TRUE(scheduler.image_done(0, 0).empty());
  EXPECT_FALSE(scheduler.finished());
  EXPECT_TRUE(scheduler.image_done(0, 1).empty());
  EXPECT_TRUE(scheduler.finished());
}

TEST(SimulatedFleet, OfOneRankDoesEverythingInOrder) {
  FleetPlan plan = plan_of(1, 6);
  plan.order = {5, 3, 1, 0, 2, 4};
  const FleetRun run = SimulatedFleet(plan).run();
  expect_each_done_once(run);
  ASSERT_EQ(run.assignments.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(run.assignments[i].image, plan.order[i]);
  }
  EXPECT_EQ(run.largest_queue, 2U);
}

TEST(SimulatedFleet, LargerThanItsBundleGivesNobodyTwo) {
  const FleetRun run = SimulatedFleet(plan_of(12, 5)).run();
  expect_each_done_once(run);
  EXPECT_EQ(run.largest_queue, 1U);
  EXPECT_EQ(run.end, 10U) << "all at the same time";
}

// An image that waits behind another while a rank is free makes the end later than this.
TEST(SimulatedFleet, TakesNoLongerThanItMustForEqualImages) {
  for (std::size_t ranks = 1; ranks <= 9; ++ranks) {
    for (std::size_t images = 0; images <= 40; ++images) {
      SCOPED_TRACE(testing::Message() << ranks << " ranks, " << images << " images");
      const FleetRun run = SimulatedFleet(plan_of(ranks, images)).run();
      expect_each_done_once(run);
      EXPECT_EQ(run.end, 10 * ((images + ranks - 1) / ranks));
    }
  }
}

TEST(SimulatedFleet, OfWhichAllButRank0AreLostFinishes) {
  FleetPlan plan = plan_of(8, 40);
  for (std::size_t rank = 1; rank < plan.ranks.size(); ++rank) {
    plan.ranks[rank].lost_at = 5;  // in the middle of their first image, with a second one queued
  }
  const FleetRun run = SimulatedFleet(plan).run();
  expect_each_done_once(run);
  EXPECT_EQ(std::count(run.times_lost.begin(), run.times_lost.end(), 1), 14);
}

TEST(SimulatedFleet, WhoseLateRanksNeverComeFinishes) {
  FleetPlan plan = plan_of(4, 9);
  for (std::size_t rank = 1; rank < plan.ranks.size(); ++rank) {
    plan.ranks[rank] = {.ready_at = 1000, .lost_at = 500};
  }
  const FleetRun run = SimulatedFleet(plan).run();
  expect_each_done_once(run);
  EXPECT_EQ(run.end, 90U);
}

// Ranks, images, durations over three decades, late and lost ranks: all by chance.
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
  for (ImageIndex image = 0; image < plan.durations.size(); ++image) {
    const auto place = static_cast<std::ptrdiff_t>(below(image + 1));
    plan.order.insert(plan.order.begin() + place, image);
  }
  for (std::size_t rank = 0; rank < plan.ranks.size(); ++rank) {
    SimulatedRank& it = plan.ranks[rank];
    it.ready_at = below(3) == 0 ? below(2000) : 0;
    if (rank != 0 && below(3) == 0) {
      it.lost_at = below(2000);
    }
  }
  return plan;
}

TEST(SimulatedFleet, OfAnyShapeDoesEveryImageOnce) {
  std::cout << "seeds " << kFirstSeed << " to " << kLastSeed << "\n";
  int lost_images = 0;
  std::size_t largest_queue = 0;
  for (std::uint64_t seed = kFirstSeed; seed <= kLastSeed && !HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const FleetRun run = SimulatedFleet(random_plan(seed)).run();
    expect_each_done_once(run);
    lost_images += std::accumulate(run.times_lost.begin(), run.times_lost.end(), 0);
    largest_queue = std::max(largest_queue, run.largest_queue);
  }
  // The seeds are worth nothing if they lead to no loss and no queue.
  EXPECT_GT(lost_images, 100);
  EXPECT_GT(largest_queue, 3U);
}

}  // namespace
}  // namespace bundle_match

// The scheduler alone. Against a simulated fleet: simulated_fleet_test.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/scheduler.hpp"

#include "support/id_literals.hpp"
#include "support/task_lists.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bundle_match {
namespace {

using test::tasks;
using test::tasks_up_to;

// An assignment in bare numbers.
struct Given {
  Rank rank;
  std::uint64_t order = 0;
  std::uint64_t task = 0;

  friend bool operator==(const Given&, const Given&) = default;
};

// A scheduler that speaks in bare numbers. Orders are numbered from 0.
class SchedulerOf {
 public:
  SchedulerOf(LargeVector<TaskId> tasks, std::size_t ranks, std::size_t credit = 2)
      : scheduler_(ranks) {
    begin(std::move(tasks), credit);
  }

  void begin(LargeVector<TaskId> tasks, std::size_t credit = 2) {
    scheduler_.begin(std::move(tasks), credit);
  }
  std::vector<Given> ready(Rank rank) { return given(scheduler_.rank_ready(rank)); }
  std::vector<Given> done(Rank rank, std::uint64_t order) {
    return given(scheduler_.order_done(rank, OrderId(order)));
  }
  std::vector<Given> lost(Rank rank) { return given(scheduler_.rank_lost(rank)); }
  std::vector<Given> resume() { return given(scheduler_.resume()); }

  [[nodiscard]] std::optional<std::uint64_t> find(Rank rank, std::uint64_t order) const {
    const std::optional<TaskId> task = scheduler_.find(rank, OrderId(order));
    return task ? std::optional(task->value()) : std::nullopt;
  }
  [[nodiscard]] std::vector<Given> held_by(Rank rank) const {
    std::vector<Given> held;
    for (const Scheduler::Held& it : scheduler_.held_by(rank)) {
      held.push_back({rank, it.order.value(), it.task.value()});
    }
    return held;
  }

  Scheduler* operator->() { return &scheduler_; }

 private:
  static std::vector<Given> given(const std::vector<Assignment>& assignments) {
    std::vector<Given> result;
    result.reserve(assignments.size());
    for (const Assignment& it : assignments) {
      result.push_back({it.rank, it.order.value(), it.task.value()});
    }
    return result;
  }

  Scheduler scheduler_;
};

using Gives = std::vector<Given>;

TEST(Scheduler, IsFinishedAtOnceWithoutTasks) {
  Scheduler scheduler(3);
  EXPECT_TRUE(scheduler.finished());
  EXPECT_TRUE(scheduler.rank_ready(0_rank).empty());
  EXPECT_TRUE(scheduler.rank_lost(1_rank).empty());
  EXPECT_TRUE(scheduler.finished());
}

TEST(Scheduler, GivesARankTwoTasksWhileThereAreMoreThanRanks) {
  SchedulerOf scheduler(tasks({7, 5, 3, 1}), 1);
  EXPECT_EQ(scheduler.ready(0_rank), (Gives{{0_rank, 0, 7}, {0_rank, 1, 5}}));
  EXPECT_EQ(scheduler.held_by(0_rank), (Gives{{0_rank, 0, 7}, {0_rank, 1, 5}}));
  EXPECT_EQ(scheduler->held_count(), 2U);
  EXPECT_EQ(scheduler.done(0_rank, 0), (Gives{{0_rank, 2, 3}}));
  // One task left and one rank: it is not queued behind another.
  EXPECT_TRUE(scheduler.done(0_rank, 1).empty());
  EXPECT_EQ(scheduler->unassigned(), 1U);
  EXPECT_EQ(scheduler.done(0_rank, 2), (Gives{{0_rank, 3, 1}}));
  EXPECT_FALSE(scheduler->finished());
  EXPECT_TRUE(scheduler.done(0_rank, 3).empty());
  EXPECT_TRUE(scheduler->finished());
}

TEST(Scheduler, KeepsTheSecondPlaceEmptyForRanksThatAreStillStarting) {
  SchedulerOf scheduler(tasks({0, 1, 2}), 3);
  EXPECT_EQ(scheduler.ready(2_rank), (Gives{{2_rank, 0, 0}}));
  EXPECT_EQ(scheduler.ready(0_rank), (Gives{{0_rank, 1, 1}}));
  EXPECT_EQ(scheduler.ready(1_rank), (Gives{{1_rank, 2, 2}}));
}

TEST(Scheduler, TakesAReadyRankOnce) {
  SchedulerOf scheduler(tasks_up_to(6), 2);
  EXPECT_EQ(scheduler.ready(0_rank).size(), 2U);
  EXPECT_TRUE(scheduler.ready(0_rank).empty());
}

TEST(Scheduler, FindsWhatARankHoldsAndNothingElse) {
  SchedulerOf scheduler(tasks({7, 5, 3, 1}), 2);
  EXPECT_EQ(scheduler.find(0_rank, 0), std::nullopt) << "before it was given any";
  ASSERT_EQ(scheduler.ready(0_rank), (Gives{{0_rank, 0, 7}, {0_rank, 1, 5}}));
  EXPECT_EQ(scheduler.find(0_rank, 0), 7U);
  EXPECT_EQ(scheduler.find(0_rank, 1), 5U);
  EXPECT_EQ(scheduler.find(0_rank, 2), std::nullopt) << "not handed out yet";
  EXPECT_EQ(scheduler.find(1_rank, 0), std::nullopt) << "another rank's";
  (void)scheduler.done(0_rank, 0);
  EXPECT_EQ(scheduler.find(0_rank, 0), std::nullopt) << "a result that comes twice";
}

TEST(Scheduler, TakesResultsOutOfOrder) {
  SchedulerOf scheduler(tasks({7, 5, 3, 1}), 1);
  ASSERT_EQ(scheduler.ready(0_rank).size(), 2U);
  EXPECT_EQ(scheduler.done(0_rank, 1), (Gives{{0_rank, 2, 3}}));
  EXPECT_EQ(scheduler.held_by(0_rank), (Gives{{0_rank, 0, 7}, {0_rank, 2, 3}}));
}

TEST(Scheduler, ThrowsForAnOrderThatTheRankDoesNotHold) {
  SchedulerOf scheduler(tasks_up_to(6), 2);
  EXPECT_THROW((void)scheduler.done(0_rank, 0), std::logic_error) << "before it was given any";
  ASSERT_EQ(scheduler.ready(0_rank).size(), 2U);
  EXPECT_THROW((void)scheduler.done(0_rank, 2), std::logic_error) << "not handed out yet";
  EXPECT_THROW((void)scheduler.done(1_rank, 0), std::logic_error) << "another rank's";
  ASSERT_EQ(scheduler.done(0_rank, 0).size(), 1U);
  EXPECT_THROW((void)scheduler.done(0_rank, 0), std::logic_error) << "done already";
  EXPECT_THROW((void)scheduler.done(7_rank, 1), std::logic_error) << "no such rank";
}

TEST(Scheduler, RefusesNoRanksAndNoCredit) {
  EXPECT_THROW(Scheduler(0), std::logic_error);
  EXPECT_THROW(Scheduler(1, 0), std::logic_error);
  EXPECT_THROW(Scheduler(1).begin(tasks({0}), 0), std::logic_error);
}

TEST(Scheduler, HandsWhatALostRankHeldToOthersFirstAndInOrder) {
  SchedulerOf scheduler(tasks_up_to(10), 3);
  ASSERT_EQ(scheduler.ready(0_rank), (Gives{{0_rank, 0, 0}, {0_rank, 1, 1}}));
  ASSERT_EQ(scheduler.ready(1_rank), (Gives{{1_rank, 2, 2}, {1_rank, 3, 3}}));
  EXPECT_TRUE(scheduler.lost(0_rank).empty()) << "rank 1 has all it may hold";
  EXPECT_TRUE(scheduler.held_by(0_rank).empty());
  EXPECT_TRUE(scheduler->is_lost(0_rank));
  EXPECT_TRUE(scheduler->any_lost());
  EXPECT_FALSE(scheduler->is_lost(1_rank));
  EXPECT_EQ(scheduler.done(1_rank, 2), (Gives{{1_rank, 4, 0}})) << "the same task, another order";
  EXPECT_EQ(scheduler.done(1_rank, 3), (Gives{{1_rank, 5, 1}}));
  EXPECT_EQ(scheduler.ready(2_rank), (Gives{{2_rank, 6, 4}, {2_rank, 7, 5}}));
  EXPECT_EQ(scheduler.find(0_rank, 0), std::nullopt) << "a late result of the lost rank";
}

TEST(Scheduler, WakesIdleRanksWhenAnotherIsLost) {
  SchedulerOf scheduler(tasks({0, 1}), 3);
  ASSERT_EQ(scheduler.ready(0_rank).size(), 1U);
  ASSERT_EQ(scheduler.ready(1_rank).size(), 1U);
  ASSERT_TRUE(scheduler.ready(2_rank).empty());
  EXPECT_EQ(scheduler.lost(1_rank), (Gives{{2_rank, 2, 1}}));
}

TEST(Scheduler, ForgetsALostRank) {
  SchedulerOf scheduler(tasks({0, 1, 2}), 2);
  ASSERT_EQ(scheduler.ready(1_rank).size(), 1U);
  ASSERT_TRUE(scheduler.lost(1_rank).empty());
  EXPECT_TRUE(scheduler.lost(1_rank).empty()) << "lost twice is lost once";
  EXPECT_TRUE(scheduler.ready(1_rank).empty()) << "a late word of it";
  EXPECT_THROW((void)scheduler.done(1_rank, 0), std::logic_error);
  EXPECT_EQ(scheduler->unassigned(), 3U);
  EXPECT_EQ(scheduler.ready(0_rank), (Gives{{0_rank, 1, 0}, {0_rank, 2, 1}}))
      << "one live rank: its second place counts that";
}

TEST(Scheduler, IsNotFinishedWhenTheLastRankIsLost) {
  for (const std::size_t credit : {1U, 2U, 16U}) {
    SchedulerOf scheduler(tasks({0}), 1, credit);
    ASSERT_EQ(scheduler.ready(0_rank).size(), 1U);
    EXPECT_TRUE(scheduler.lost(0_rank).empty());
    EXPECT_FALSE(scheduler->finished());
  }
}

TEST(Scheduler, HandsOutSeveralAtOnceOfWhatIsShort) {
  SchedulerOf scheduler(tasks_up_to(100), 2, 10);
  EXPECT_EQ(scheduler.ready(1_rank).size(), 10U);
  for (std::uint64_t order = 0; order < 4; ++order) {
    EXPECT_TRUE(scheduler.done(1_rank, order).empty()) << "more than half is left";
  }
  const Gives next = scheduler.done(1_rank, 4);
  ASSERT_EQ(next.size(), 5U);
  EXPECT_EQ(next.front(), (Given{1_rank, 10, 10}));
}

TEST(Scheduler, HandsOutNoMoreThanHalfOfARanksEvenShareAtOnce) {
  SchedulerOf scheduler(tasks_up_to(100), 5, 1000);
  EXPECT_EQ(scheduler.ready(0_rank).size(), 10U);
  EXPECT_EQ(scheduler.ready(1_rank).size(), 9U);
}

TEST(Scheduler, TakesASmallerCreditInItsStride) {
  SchedulerOf scheduler(tasks_up_to(12), 1, 4);
  EXPECT_EQ(scheduler.ready(0_rank).size(), 4U);
  scheduler->set_credit(2);
  EXPECT_TRUE(scheduler.done(0_rank, 0).empty());
  EXPECT_TRUE(scheduler.done(0_rank, 1).empty());
  EXPECT_EQ(scheduler.done(0_rank, 2), (Gives{{0_rank, 4, 4}}));
  EXPECT_THROW(scheduler->set_credit(0), std::logic_error);
}

TEST(Scheduler, HandsNothingOutWhilePaused) {
  SchedulerOf scheduler(tasks_up_to(6), 3);
  ASSERT_EQ(scheduler.ready(0_rank), (Gives{{0_rank, 0, 0}, {0_rank, 1, 1}}));
  scheduler->pause();
  EXPECT_TRUE(scheduler->paused());
  EXPECT_TRUE(scheduler.ready(1_rank).empty());
  EXPECT_TRUE(scheduler.ready(2_rank).empty());
  EXPECT_TRUE(scheduler.done(0_rank, 0).empty()) << "what is held may be finished";
  EXPECT_TRUE(scheduler.lost(2_rank).empty());
  EXPECT_FALSE(scheduler->finished());
  EXPECT_EQ(scheduler.resume(), (Gives{{0_rank, 2, 2}, {1_rank, 3, 3}}))
      << "ranks that came meanwhile, too";
  EXPECT_FALSE(scheduler->paused());
}

TEST(Scheduler, HandsNothingOutOnceToldSo) {
  SchedulerOf scheduler(tasks_up_to(5), 2);
  ASSERT_EQ(scheduler.ready(0_rank).size(), 2U);
  scheduler->stop_handing_out();
  EXPECT_TRUE(scheduler.ready(1_rank).empty());
  EXPECT_TRUE(scheduler.done(0_rank, 0).empty());
  EXPECT_FALSE(scheduler->finished());
  EXPECT_TRUE(scheduler.done(0_rank, 1).empty());
  EXPECT_TRUE(scheduler->finished());
}

TEST(Scheduler, DoesNotWaitForWhatItForgets) {
  SchedulerOf scheduler(tasks_up_to(5), 2);
  ASSERT_EQ(scheduler.ready(0_rank).size(), 2U);
  ASSERT_EQ(scheduler.ready(1_rank).size(), 1U);
  ASSERT_TRUE(scheduler.lost(1_rank).empty());
  scheduler->stop_handing_out();
  EXPECT_FALSE(scheduler->finished());
  scheduler->forget_held();
  EXPECT_TRUE(scheduler->finished());
  EXPECT_EQ(scheduler->held_count(), 0U);
  EXPECT_EQ(scheduler.find(0_rank, 0), std::nullopt) << "a late result";
}

TEST(Scheduler, BeginsAgainWhenAllIsDone) {
  SchedulerOf scheduler(tasks({0}), 3);
  ASSERT_EQ(scheduler.ready(1_rank), (Gives{{1_rank, 0, 0}}));
  EXPECT_THROW(scheduler.begin(tasks({1})), std::logic_error) << "one is held";
  ASSERT_TRUE(scheduler.done(1_rank, 0).empty());
  ASSERT_TRUE(scheduler.lost(2_rank).empty());
  scheduler.begin(tasks_up_to(40), 3);
  EXPECT_THROW(scheduler.begin(tasks({1})), std::logic_error) << "none is handed out yet";
  EXPECT_EQ(scheduler.ready(1_rank), (Gives{{1_rank, 1, 0}, {1_rank, 2, 1}, {1_rank, 3, 2}}))
      << "numbers go on: a late result of before is none of these";
  EXPECT_TRUE(scheduler.ready(2_rank).empty()) << "lost is lost";
  EXPECT_TRUE(scheduler->is_lost(2_rank));
}

}  // namespace
}  // namespace bundle_match

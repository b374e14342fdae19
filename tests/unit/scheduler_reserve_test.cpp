// Tasks that the scheduler keeps for one rank, tasks that depend on others, and what comes back
// once nothing is handed out.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/scheduler.hpp"
#include "support/id_literals.hpp"
#include "support/task_lists.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace bundle_match {
namespace {

using Tasks = std::vector<std::uint64_t>;
using test::tasks_up_to;

// Those of the assignments, which are all that rank's.
Tasks tasks_of(Rank rank, const std::vector<Assignment>& assignments) {
  Tasks tasks;
  for (const Assignment& it : assignments) {
    EXPECT_EQ(it.rank, rank);
    tasks.push_back(it.task.value());
  }
  return tasks;
}

TEST(SchedulerReserve, WaitsForAPlaceAndGoesBeforeOthers) {
  Scheduler scheduler(1);
  scheduler.begin(tasks_up_to(5));
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{0, 1}));
  EXPECT_TRUE(scheduler.reserve(0_rank, TaskId(77)).empty());
  EXPECT_EQ(tasks_of(0_rank, scheduler.order_done(0_rank, OrderId(0))), Tasks{77});
  EXPECT_EQ(tasks_of(0_rank, scheduler.order_done(0_rank, OrderId(1))), Tasks{2});
}

TEST(SchedulerReserve, GoesToTheRankAloneAndIsWaitedFor) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_up_to(1));
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), Tasks{0});
  EXPECT_TRUE(scheduler.order_done(1_rank, OrderId(0)).empty());
  EXPECT_TRUE(scheduler.reserve(0_rank, TaskId(0)).empty()) << "it has not asked for work yet";
  EXPECT_FALSE(scheduler.finished());
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), Tasks{0});
  EXPECT_TRUE(scheduler.order_done(0_rank, OrderId(1)).empty());
  EXPECT_TRUE(scheduler.finished());
}

TEST(SchedulerReserve, WaitsForTheEndOfAPause) {
  Scheduler scheduler(1);
  scheduler.begin(tasks_up_to(0));
  EXPECT_TRUE(scheduler.rank_ready(0_rank).empty());
  scheduler.pause();
  EXPECT_TRUE(scheduler.reserve(0_rank, TaskId(3)).empty());
  EXPECT_EQ(tasks_of(0_rank, scheduler.resume()), Tasks{3});
}

TEST(SchedulerReserve, IsForgottenOnceNothingIsHandedOut) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_up_to(4));
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{0, 1}));
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), Tasks{2});
  EXPECT_TRUE(scheduler.reserve(0_rank, TaskId(9)).empty());
  scheduler.stop_handing_out();
  EXPECT_TRUE(scheduler.reserve(0_rank, TaskId(8)).empty());
  EXPECT_TRUE(scheduler.rank_lost(1_rank).empty()) << "nor does another rank get what it held";
  EXPECT_TRUE(scheduler.order_done(0_rank, OrderId(0)).empty());
  EXPECT_TRUE(scheduler.order_done(0_rank, OrderId(1)).empty());
  EXPECT_TRUE(scheduler.finished());
  scheduler.begin(tasks_up_to(1));
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), Tasks{0})
      << "the next stage begins anew";
}

TEST(SchedulerReserve, IsForOthersWhenTheRankIsLost) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_up_to(0));
  EXPECT_TRUE(scheduler.rank_ready(1_rank).empty());
  EXPECT_TRUE(scheduler.reserve(0_rank, TaskId(5)).empty());
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_lost(0_rank)), Tasks{5});
}

// Tasks from 100 on are to be done before those below.
LargeVector<TaskId> tasks_with_dependents(std::uint64_t independent, std::uint64_t dependent) {
  LargeVector<TaskId> tasks;
  for (std::uint64_t task = 0; task < independent; ++task) {
    tasks.emplace_back(100 + task);
  }
  for (std::uint64_t task = 0; task < dependent; ++task) {
    tasks.emplace_back(task);
  }
  return tasks;
}

TEST(SchedulerDependents, AreHandedOutWhenNoneOfTheOthersIsLeft) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_with_dependents(1, 9), 2, {TaskId(100), 4, false});
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), (Tasks{100, 0}));
  EXPECT_TRUE(scheduler.waits(TaskId(0)));
  EXPECT_FALSE(scheduler.waits(TaskId(100)));
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{1, 2}))
      << "half of its even share";
  EXPECT_EQ(tasks_of(1_rank, scheduler.order_done(1_rank, OrderId(0))), Tasks{3});
  EXPECT_FALSE(scheduler.waits(TaskId(0)));
  EXPECT_EQ(tasks_of(1_rank, scheduler.order_done(1_rank, OrderId(1))), Tasks{4});
}

TEST(SchedulerDependents, AreGivenInNumbersWhileTheyWait) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_with_dependents(1, 100), 2, {TaskId(100), 4, true});
  EXPECT_EQ(scheduler.rank_ready(1_rank).size(), 4U);
}

TEST(SchedulerDependents, LeaveThePlaceOfWhatTheyWaitFor) {
  Scheduler scheduler(3);
  scheduler.begin(tasks_with_dependents(2, 20), 2, {TaskId(100), 2, false});
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), Tasks{100});
  EXPECT_EQ(tasks_of(2_rank, scheduler.rank_ready(2_rank)), (Tasks{101, 0}));
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{1, 2}));
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_lost(1_rank)), Tasks{100})
      << "though it has as many as it may have";
}

TEST(SchedulerDependents, WaitWhileWhatTheyNeedIsDoneAgain) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_with_dependents(0, 9), 2, {TaskId(100), 0, false});
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{0, 1}));
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), (Tasks{2, 3}));
  EXPECT_TRUE(scheduler.rank_lost(1_rank).empty());
  EXPECT_EQ(tasks_of(0_rank, scheduler.redo({TaskId(100), TaskId(101)})), Tasks{100})
      << "its two others take no place from it";
  EXPECT_EQ(tasks_of(0_rank, scheduler.order_done(0_rank, OrderId(4))), Tasks{101});
  EXPECT_TRUE(scheduler.order_done(0_rank, OrderId(0)).empty());
  EXPECT_TRUE(scheduler.order_done(0_rank, OrderId(1)).empty());
  EXPECT_EQ(tasks_of(0_rank, scheduler.order_done(0_rank, OrderId(5))), (Tasks{2, 3}));
}

TEST(SchedulerDependents, ThatCannotBeDoneYetGoBack) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_with_dependents(0, 5), 2, {TaskId(100), 0, false});
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{0, 1}));
  EXPECT_EQ(tasks_of(0_rank, scheduler.give_back(0_rank, OrderId(0))), Tasks{0});
  EXPECT_TRUE(scheduler.redo({TaskId(100)}).size() == 1);
  EXPECT_TRUE(scheduler.give_back(0_rank, OrderId(1)).empty());
  EXPECT_TRUE(scheduler.give_back(0_rank, OrderId(2)).empty());
  EXPECT_EQ(tasks_of(0_rank, scheduler.order_done(0_rank, OrderId(3))), (Tasks{0, 1}));
  EXPECT_THROW((void)scheduler.give_back(0_rank, OrderId(3)), std::logic_error);
}

TEST(SchedulerDependents, ThatGoBackOnceNothingIsHandedOutAreForgotten) {
  Scheduler scheduler(1);
  scheduler.begin(tasks_with_dependents(1, 2), 2, {TaskId(100), 2, false});
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{100, 0}));
  scheduler.stop_handing_out();
  EXPECT_TRUE(scheduler.give_back(0_rank, OrderId(0)).empty());
  EXPECT_TRUE(scheduler.redo({TaskId(100)}).empty());
  EXPECT_FALSE(scheduler.waits(TaskId(0)));
  EXPECT_TRUE(scheduler.give_back(0_rank, OrderId(1)).empty());
  EXPECT_TRUE(scheduler.finished());
}

TEST(SchedulerLanes, AHostGetsItsOwnAndThenOfOthers) {
  Scheduler scheduler(HostTable(ById<Rank, std::string>({"a", "b", "a"})), 1);
  scheduler.begin(tasks_up_to(6), 1, {TaskId(), 2, false, {0, 2}});
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), Tasks{2});
  EXPECT_EQ(tasks_of(2_rank, scheduler.rank_ready(2_rank)), Tasks{0});
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), Tasks{1});
  EXPECT_EQ(tasks_of(0_rank, scheduler.order_done(0_rank, OrderId(2))), Tasks{4});
  EXPECT_EQ(tasks_of(1_rank, scheduler.order_done(1_rank, OrderId(0))), Tasks{3});
}

TEST(SchedulerLanes, AreOfTasksOfOneKind) {
  Scheduler scheduler(1);
  EXPECT_THROW(scheduler.begin(tasks_with_dependents(1, 2), 2, {TaskId(100), 2, false, {0, 1}}),
               std::logic_error);
}

TEST(SchedulerDependents, OfALostRankComeBehindWhatTheyWaitFor) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_with_dependents(1, 3), 2, {TaskId(100), 2, false});
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), (Tasks{100, 0}));
  EXPECT_TRUE(scheduler.rank_lost(1_rank).empty());
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{100, 0}));
}

TEST(SchedulerDependents, LetTheOthersBeForRank0Alone) {
  Scheduler scheduler(2);
  scheduler.begin(tasks_with_dependents(2, 4), 2, {TaskId(100), 2, true});
  EXPECT_EQ(tasks_of(1_rank, scheduler.rank_ready(1_rank)), (Tasks{0, 1}));
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{100, 101}));
}

TEST(SchedulerDependents, AreForgottenWhileTheyWaitAndOnlyThen) {
  Scheduler scheduler(1);
  scheduler.begin(tasks_with_dependents(1, 4), 2, {TaskId(100), 2, false});
  EXPECT_EQ(tasks_of(0_rank, scheduler.rank_ready(0_rank)), (Tasks{100, 0}));
  scheduler.stop_handing_out();
  scheduler.forget_waiting();
  EXPECT_EQ(scheduler.held_count(), 1U);
  EXPECT_TRUE(scheduler.order_done(0_rank, OrderId(0)).empty());
  EXPECT_TRUE(scheduler.finished());

  scheduler.begin(tasks_with_dependents(0, 4), 2, {TaskId(100), 2, false});
  EXPECT_EQ(scheduler.rank_ready(0_rank).size(), 2U);
  scheduler.stop_handing_out();
  scheduler.forget_waiting();
  EXPECT_EQ(scheduler.held_count(), 2U);
}

}  // namespace
}  // namespace bundle_match

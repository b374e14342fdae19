// The small parts of rank 0's machine: credit, backlog, missing files.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/backlog.hpp"
#include "bundle_match/machine/credit_meter.hpp"
#include "bundle_match/machine/missing_files.hpp"
#include "bundle_match/machine/time.hpp"
#include "support/id_literals.hpp"

#include <gtest/gtest.h>

namespace bundle_match::machine {
namespace {

TEST(CreditMeter, GivesTwoLongTasksAtATime) {
  CreditMeter meter;
  EXPECT_EQ(meter.add(50), 2U);
  EXPECT_EQ(meter.add(100'000), 2U);
}

TEST(CreditMeter, GivesAsManyShortTasksAsTakeItAWhile) {
  CreditMeter meter;
  EXPECT_EQ(meter.add(5), 1U + 10U);
  EXPECT_EQ(meter.add(15), 1U + 5U) << "10 ms each";
}

TEST(CreditMeter, HasABoundForTasksThatTakeNoTime) {
  CreditMeter meter;
  EXPECT_EQ(meter.add(0), 1U + CreditMeter::kMostAhead);
  EXPECT_EQ(meter.add(0.001), 1U + CreditMeter::kMostAhead);
}

TEST(Backlog, IsFullFromABoundOnAndHasRoomFromHalfOfItDown) {
  Backlog backlog({4, 1000});
  EXPECT_TRUE(backlog.has_room());
  for (int i = 0; i < 3; ++i) {
    backlog.add(10);
    EXPECT_FALSE(backlog.full());
  }
  backlog.add(10);
  EXPECT_TRUE(backlog.full());
  backlog.remove(1, 10);
  EXPECT_FALSE(backlog.full());
  EXPECT_FALSE(backlog.has_room());
  backlog.remove(1, 10);
  EXPECT_TRUE(backlog.has_room());
}

TEST(Backlog, CountsBytesToo) {
  Backlog backlog({4, 1000});
  backlog.add(1000);
  EXPECT_TRUE(backlog.full());
  backlog.remove(0, 400);
  EXPECT_FALSE(backlog.has_room());
  backlog.remove(1, 600);
  EXPECT_TRUE(backlog.has_room());
}

TEST(MissingFiles, GivesAResultBackOnce) {
  MissingFiles missing;
  OrderResult result;
  result.order = OrderId(3);
  missing.park({1_rank, TaskId(7), result});
  EXPECT_FALSE(missing.empty());
  EXPECT_FALSE(missing.take(OrderId(4)));
  const auto parked = missing.take(OrderId(3));
  ASSERT_TRUE(parked);
  EXPECT_EQ(parked->rank, 1_rank);
  EXPECT_EQ(parked->task, TaskId(7));
  EXPECT_EQ(parked->result, result);
  EXPECT_FALSE(missing.take(OrderId(3)));
  EXPECT_TRUE(missing.empty());
}

TEST(MissingFiles, CanBeForgotten) {
  MissingFiles missing;
  missing.park({1_rank, TaskId(7), {}});
  missing.clear();
  EXPECT_TRUE(missing.empty());
  EXPECT_FALSE(missing.take(OrderId(0)));
}

TEST(FromSeconds, HoldsAnyNumber) {
  EXPECT_EQ(from_seconds(0), Duration{});
  EXPECT_EQ(from_seconds(1.5), std::chrono::milliseconds(1500));
  EXPECT_GT(from_seconds(1e300), from_seconds(1e8)) << "it has not become negative";
}

}  // namespace
}  // namespace bundle_match::machine

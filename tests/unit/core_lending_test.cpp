// Who gets the cores of idle ranks.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/core_lending.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bundle_match::machine {
namespace {

using Activity = CoreLending::Activity;
using Loans = std::vector<CoreLending::Loan>;
using Lenders = std::vector<CoreLending::Lender>;

CoreLending::Loan loan(Rank rank, std::uint32_t threads, CoreSet cores) {
  return {rank, {threads, std::move(cores)}};
}

Loans loans_of(CoreLending& lending) { return lending.take_changes().loans; }

// Ranks of a host that are bound to a core each, and compute.
CoreLending bound_ranks(int ranks, int threads = 1) {
  CoreLending lending(HostTable(ById<Rank, std::string>(
                          std::vector<std::string>(static_cast<std::size_t>(ranks), "host"))),
                      threads);
  for (int i = 0; i < ranks; ++i) {
    lending.set_cores(Rank(i), {static_cast<std::uint16_t>(i)});
    lending.set_activity(Rank(i), Activity::computing);
  }
  EXPECT_TRUE(loans_of(lending).empty()) << "all compute";
  return lending;
}

TEST(CoreLending, GivesTheLastRankAllTheOthersCores) {
  CoreLending lending = bound_ranks(3);
  lending.set_activity(0_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(1_rank, 1, {0})}));
  lending.set_activity(2_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(1_rank, 2, {0, 2})}));
}

TEST(CoreLending, TakesThemBackWhenTheyAreNeeded) {
  CoreLending lending = bound_ranks(2);
  lending.set_activity(1_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 1, {1})}));
  lending.set_activity(1_rank, Activity::computing);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 0, {})}));
}

TEST(CoreLending, SaysNothingThatIsKnown) {
  CoreLending lending = bound_ranks(2);
  lending.set_activity(1_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending).size(), 1U);
  lending.set_activity(1_rank, Activity::idle);
  lending.set_activity(0_rank, Activity::computing);
  EXPECT_TRUE(loans_of(lending).empty());
}

// A rank that has nothing to do is not told; what it had is still meant when it computes again.
TEST(CoreLending, TellsOnlyRanksThatCompute) {
  CoreLending lending = bound_ranks(2);
  lending.set_activity(1_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 1, {1})}));
  lending.set_activity(0_rank, Activity::idle);
  EXPECT_TRUE(loans_of(lending).empty());
  lending.set_activity(0_rank, Activity::computing);
  EXPECT_TRUE(loans_of(lending).empty()) << "it has them still";
  lending.set_activity(1_rank, Activity::computing);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 0, {})}));
}

TEST(CoreLending, SharesEvenly) {
  CoreLending lending = bound_ranks(8);
  for (const Rank rank : {1_rank, 3_rank, 4_rank, 6_rank, 7_rank}) {
    lending.set_activity(rank, Activity::idle);
  }
  const CoreSet cores{1, 3, 4, 6, 7};
  EXPECT_EQ(loans_of(lending),
            (Loans{loan(0_rank, 2, cores), loan(2_rank, 2, cores), loan(5_rank, 1, cores)}));
}

// Unbound, eight on two cores.
TEST(CoreLending, LeavesEachCoreOneThread) {
  CoreLending lending(HostTable(ById<Rank, std::string>(std::vector<std::string>(8, "host"))), 1);
  for (int i = 0; i < 8; ++i) {
    lending.set_cores(Rank(i), {0, 1});
    lending.set_activity(Rank(i), i < 2 ? Activity::computing : Activity::idle);
  }
  EXPECT_TRUE(loans_of(lending).empty()) << "two compute";
  lending.set_activity(0_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(1_rank, 1, {0, 1})}));
}

TEST(CoreLending, CountsTheThreadsOfRanks) {
  CoreLending lending(HostTable(ById<Rank, std::string>(std::vector<std::string>(2, "host"))), 4);
  lending.set_cores(0_rank, {0, 1, 2, 3});
  lending.set_cores(1_rank, {4, 5, 6, 7});
  lending.set_activity(0_rank, Activity::computing);
  lending.set_activity(1_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 4, {4, 5, 6, 7})}));
}

TEST(CoreLending, LendsNothingOfRanksThatAreNotThere) {
  CoreLending lending = bound_ranks(3);
  lending.set_activity(1_rank, Activity::away);
  lending.set_activity(2_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 1, {2})}));
  lending.set_activity(2_rank, Activity::away);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 0, {})}));
}

TEST(CoreLending, LendsNothingOfRanksThatDoNotKnowTheirCores) {
  CoreLending lending = bound_ranks(3);
  lending.set_cores(1_rank, {});
  lending.set_activity(1_rank, Activity::idle);
  EXPECT_TRUE(loans_of(lending).empty());
  lending.set_activity(2_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(0_rank, 1, {2})}));
}

TEST(CoreLending, StaysWithinAHost) {
  CoreLending lending(
      HostTable(ById<Rank, std::string>(std::vector<std::string>{"a", "b", "a", "b"})), 1);
  for (int i = 0; i < 4; ++i) {
    lending.set_cores(Rank(i), {static_cast<std::uint16_t>(i / 2)});
    lending.set_activity(Rank(i), Activity::computing);
  }
  lending.set_activity(0_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(2_rank, 1, {0})}));
  lending.set_activity(3_rank, Activity::idle);
  EXPECT_EQ(loans_of(lending), (Loans{loan(1_rank, 1, {1})}));
}

TEST(CoreLending, SaysWhoLends) {
  CoreLending lending = bound_ranks(3);
  lending.set_activity(1_rank, Activity::idle);
  EXPECT_EQ(lending.take_changes().lenders, (Lenders{{1_rank, true}}));
  lending.set_activity(0_rank, Activity::idle);
  EXPECT_EQ(lending.take_changes().lenders, (Lenders{{0_rank, true}}));
  lending.set_activity(2_rank, Activity::idle);
  EXPECT_EQ(lending.take_changes().lenders, (Lenders{{0_rank, false}, {1_rank, false}}))
      << "nobody borrows";
}

TEST(CoreLending, SaysOfNoMoreThatTheyLendThanOthersUse) {
  CoreLending lending(HostTable(ById<Rank, std::string>(std::vector<std::string>(8, "host"))), 1);
  for (int i = 0; i < 8; ++i) {
    lending.set_cores(Rank(i), {0, 1, 2});
    lending.set_activity(Rank(i), i == 0 ? Activity::computing : Activity::idle);
  }
  EXPECT_EQ(lending.take_changes().lenders, (Lenders{{1_rank, true}, {2_rank, true}}));
  lending.set_activity(1_rank, Activity::away);
  EXPECT_EQ(lending.take_changes().lenders, (Lenders{{1_rank, false}, {3_rank, true}}));
}

}  // namespace
}  // namespace bundle_match::machine

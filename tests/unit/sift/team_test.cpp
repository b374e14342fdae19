// The team of threads that share the pieces of an image. Nothing here depends on how fast they are.
// SPDX-License-Identifier: Apache-2.0
#include "team.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace bundle_match::features::sift {
namespace {

TEST(Team, DoesEveryPieceOnce) {
  for (const int threads : {1, 2, 5}) {
    Team team(threads);
    for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) {
      std::vector<std::atomic<int>> done(count);
      team.for_each(count, [&](int worker, std::size_t i) {
        EXPECT_LT(worker, threads);
        ++done[i];
      });
      for (const std::atomic<int>& times : done) {
        EXPECT_EQ(times, 1);
      }
    }
  }
}

// Each piece waits for as many as there are workers, so that one worker alone would never end.
void meet(Team& team, int workers) {
  std::latch all_here(workers);
  std::mutex mutex;
  std::set<int> seen;
  team.for_each(static_cast<std::size_t>(workers), [&](int worker, std::size_t /*i*/) {
    {
      const std::lock_guard lock(mutex);
      seen.insert(worker);
    }
    all_here.arrive_and_wait();
  });
  EXPECT_EQ(static_cast<int>(seen.size()), workers);
}

TEST(Team, WorksWithAllItsThreads) {
  Team team(3);
  meet(team, 3);
  meet(team, 3);
}

TEST(Team, IsJoinedByHelpers) {
  Team team(1);
  team.set_helpers({2, {}});
  EXPECT_EQ(team.size(), 3);
  meet(team, 3);
}

TEST(Team, IsJoinedByHelpersInTheMiddle) {
  Team team(1);
  std::latch begun(1);
  std::latch second_here(2);
  std::jthread other([&] {
    begun.wait();
    team.set_helpers({1, {}});
  });
  std::set<int> workers;
  team.for_each(2, [&](int worker, std::size_t i) {
    if (i == 0) {
      begun.count_down();
    }
    second_here.arrive_and_wait();
    if (i == 0) {
      workers.insert(worker);
    }
  });
  EXPECT_EQ(workers, std::set<int>{0});
}

TEST(Team, IsLeftByHelpers) {
  Team team(1);
  team.set_helpers({1, {}});
  meet(team, 2);
  team.set_helpers({});
  team.for_each(100, [](int worker, std::size_t /*i*/) { EXPECT_EQ(worker, 0); });
  team.set_helpers({2, {}});
  meet(team, 3);
}

TEST(Team, DoesWithoutHelpersThatCannotPrepare) {
  Team team(1);
  std::latch asked(2);
  team.set_helpers({2, [&asked] {
                      asked.count_down();
                      return false;
                    }});
  asked.wait();
  team.for_each(100, [](int worker, std::size_t /*i*/) { EXPECT_EQ(worker, 0); });
  team.set_helpers({2, []() -> bool { throw std::bad_alloc(); }});
  team.for_each(100, [](int worker, std::size_t /*i*/) { EXPECT_EQ(worker, 0); });
  team.set_helpers({2, [] { return true; }});
  meet(team, 3);
}

TEST(Team, HasItsHelpersPrepareOnceEachTime) {
  Team team(2);
  std::atomic<int> prepared = 0;
  const SiftHelpers helpers{2, [&prepared] {
                              ++prepared;
                              return true;
                            }};
  team.set_helpers(helpers);
  meet(team, 4);
  meet(team, 4);
  EXPECT_EQ(prepared, 2);
  team.set_helpers(helpers);
  meet(team, 4);
  EXPECT_EQ(prepared, 4);
}

TEST(Team, TakesNoMoreHelpersThanThereMayBe) {
  Team team(2);
  team.set_helpers({1000, {}});
  EXPECT_EQ(team.size(), team.most_workers());
  team.set_helpers({-1, {}});
  EXPECT_EQ(team.size(), 2);
}

TEST(Team, PassesAnExceptionOnAndGoesOn) {
  for (const int threads : {1, 3}) {
    Team team(threads);
    std::atomic<int> done = 0;
    EXPECT_THROW(team.for_each(1000,
                               [&](int /*worker*/, std::size_t i) {
                                 if (i == 5) {
                                   throw std::runtime_error("a piece");
                                 }
                                 ++done;
                               }),
                 std::runtime_error);
    EXPECT_TRUE(done == 5 || threads > 1) << "what follows is left out";
    meet(team, threads);
  }
}

}  // namespace
}  // namespace bundle_match::features::sift

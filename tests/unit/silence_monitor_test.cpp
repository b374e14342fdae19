// Silence on a made-up clock.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/silence_monitor.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bundle_match {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Ranks = std::vector<Rank>;

const SilenceMonitor::Time kStart{};

// Looks once a second from `from` on, as a loop that is alive does; what the last look found.
Ranks look_until(SilenceMonitor& monitor, seconds from, seconds until) {
  Ranks found;
  for (seconds now = from; now <= until; now += seconds(1)) {
    found = monitor.silent(kStart + now);
  }
  return found;
}

TEST(SilenceMonitor, FindsARankThatWasNeverHeardOnlyAfterTheTimeout) {
  SilenceMonitor monitor(2, seconds(10), kStart);
  EXPECT_EQ(look_until(monitor, seconds(1), seconds(10)), Ranks{});
  EXPECT_EQ(monitor.silent(kStart + seconds(10) + milliseconds(1)), (Ranks{0_rank, 1_rank}));
}

TEST(SilenceMonitor, CountsFromTheLastWord) {
  SilenceMonitor monitor(3, seconds(10), kStart);
  (void)look_until(monitor, seconds(1), seconds(5));
  monitor.heard(1_rank, kStart + seconds(5));
  EXPECT_EQ(look_until(monitor, seconds(6), seconds(11)), (Ranks{0_rank, 2_rank}));
  EXPECT_EQ(look_until(monitor, seconds(12), seconds(15)), (Ranks{0_rank, 2_rank}));
  EXPECT_EQ(look_until(monitor, seconds(16), seconds(16)), (Ranks{0_rank, 1_rank, 2_rank}));
}

TEST(SilenceMonitor, NeverFindsAnyoneWithATimeoutOfZero) {
  SilenceMonitor monitor(2, seconds(0), kStart);
  EXPECT_EQ(look_until(monitor, seconds(1), seconds(100000)), Ranks{});
}

// A suspended job: nobody could have been heard.
TEST(SilenceMonitor, DoesNotBlameOthersForItsOwnSleep) {
  SilenceMonitor monitor(2, seconds(10), kStart);
  (void)look_until(monitor, seconds(1), seconds(4));
  EXPECT_EQ(monitor.silent(kStart + seconds(3600)), Ranks{});
  // 4 s were silent before the sleep: 6 more are left.
  EXPECT_EQ(look_until(monitor, seconds(3601), seconds(3606)), Ranks{});
  EXPECT_EQ(look_until(monitor, seconds(3607), seconds(3607)), (Ranks{0_rank, 1_rank}));
}

TEST(SilenceMonitor, TakesADelayedLoopForNoSleep) {
  SilenceMonitor monitor(1, seconds(16), kStart);
  for (int looks = 1; looks <= 8; ++looks) {
    EXPECT_EQ(monitor.silent(kStart + looks * seconds(2)), Ranks{});
  }
  EXPECT_EQ(monitor.silent(kStart + seconds(18)), Ranks{0_rank});
}

// A loop that stands still for a second must not cost those who wait a second.
TEST(SilenceMonitor, TakesAShorterDelayForASleepWithAShorterTimeout) {
  SilenceMonitor monitor(1, seconds(1), kStart);
  EXPECT_EQ(monitor.silent(kStart + milliseconds(900)), Ranks{});
  EXPECT_EQ(monitor.silent(kStart + milliseconds(1700)), Ranks{});
  EXPECT_EQ(monitor.silent(kStart + milliseconds(1800)), Ranks{});
}

// It is heard after the sleep, but before the first look.
TEST(SilenceMonitor, HearsNobodyFromTheFuture) {
  SilenceMonitor monitor(1, seconds(10), kStart);
  monitor.heard(0_rank, kStart + seconds(3600));
  EXPECT_EQ(monitor.silent(kStart + seconds(3600)), Ranks{});
  EXPECT_EQ(look_until(monitor, seconds(3601), seconds(3610)), Ranks{});
  EXPECT_EQ(look_until(monitor, seconds(3611), seconds(3611)), Ranks{0_rank});
}

TEST(SilenceMonitor, KnowsHowOftenToSpeakToOneThatWaits) {
  EXPECT_EQ(alive_every(seconds(0)), kAliveEvery);
  EXPECT_EQ(alive_every(seconds(30)), kAliveEvery);
  EXPECT_EQ(alive_every(seconds(8)), seconds(1));
}

TEST(SilenceMonitor, RefusesARankThatIsNone) {
  SilenceMonitor monitor(2, seconds(1), kStart);
  EXPECT_THROW(monitor.heard(2_rank, kStart), std::out_of_range);
}

}  // namespace
}  // namespace bundle_match

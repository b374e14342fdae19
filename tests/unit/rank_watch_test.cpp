// Who is at one image for unusually long.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/rank_watch.hpp"

#include "support/id_literals.hpp"
#include "terminal/run_monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bundle_match::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr RankWatch::Clock::time_point kWatchStart{};

RankWatch watch_after(int images, double image_ms) {
  RankWatch watch(3);
  for (int i = 0; i < images; ++i) {
    watch.count(image_ms);
  }
  return watch;
}

TEST(RankWatch, NamesARankBeyondTenTimesTheMedianOnce) {
  RankWatch watch = watch_after(100, 500);
  watch.begin(1_rank, kWatchStart);
  watch.begin(2_rank, kWatchStart + seconds(4));
  EXPECT_THAT(watch.newly_slow(kWatchStart + milliseconds(4999)), IsEmpty());
  EXPECT_THAT(watch.newly_slow(kWatchStart + milliseconds(5001)), ElementsAre(1_rank));
  EXPECT_THAT(watch.newly_slow(kWatchStart + milliseconds(9001)), ElementsAre(2_rank));
  watch.begin(1_rank, kWatchStart + seconds(20));
  EXPECT_THAT(watch.newly_slow(kWatchStart + seconds(24)), IsEmpty());
  EXPECT_THAT(watch.newly_slow(kWatchStart + seconds(26)), ElementsAre(1_rank)) << "another image";
}

TEST(RankWatch, NamesNobodyBeforeItKnowsWhatIsUsual) {
  RankWatch watch = watch_after(9, 500);
  watch.begin(0_rank, kWatchStart);
  EXPECT_THAT(watch.newly_slow(kWatchStart + seconds(100)), IsEmpty());
}

TEST(RankWatch, NamesNobodyWithinASecond) {
  RankWatch watch = watch_after(100, 1);
  watch.begin(0_rank, kWatchStart);
  EXPECT_THAT(watch.newly_slow(kWatchStart + milliseconds(999)), IsEmpty());
  EXPECT_THAT(watch.newly_slow(kWatchStart + milliseconds(1001)), ElementsAre(0_rank));
}

TEST(RankWatch, DoesNotBlameWhoHasNothingToDo) {
  RankWatch watch = watch_after(100, 500);
  watch.begin(0_rank, kWatchStart);
  watch.rest(0_rank);
  EXPECT_EQ(watch.seconds_at_image(0_rank, kWatchStart + seconds(9)), 0);
  EXPECT_THAT(watch.newly_slow(kWatchStart + seconds(9)), IsEmpty());
}

TEST(RankWatch, EstimatesTheMedianAndNotTheMean) {
  RankWatch watch(1);
  EXPECT_EQ(watch.median_ms(), 0);
  for (int i = 0; i < 1000; ++i) {
    watch.count(i % 10 == 0 ? 100000 : 40 + i % 21);
  }
  EXPECT_NEAR(watch.median_ms(), 50, 5);
}

TEST(HostLines, GroupRanksByHost) {
  RankRecords ranks(3);
  ranks[0_rank] = {.host = "b", .kernel = "", .images = 6, .busy_s = 2};
  ranks[1_rank] = {.host = "a", .kernel = "", .images = 2, .busy_s = 4};
  ranks[2_rank] = {.host = "b", .kernel = "", .images = 2, .busy_s = 1, .lost = true};
  EXPECT_THAT(host_lines(ranks, 4),
              ElementsAre("a: 1 rank, 2 images, 0.5 images/s, busy 100 %",
                          "b: 2 ranks (1 lost), 8 images, 2.0 images/s, busy 38 %"));
}

}  // namespace
}  // namespace bundle_match::app

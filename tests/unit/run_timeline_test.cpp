// Who did what when: places of stages, and bounds of memory.
// SPDX-License-Identifier: Apache-2.0
#include "output/run_timeline.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

namespace bundle_match::app {
namespace {

using std::chrono::milliseconds;

const RunTimeline::Clock::time_point kStart{};

double busy_s(const report::RankTimeline& rank) {
  return std::accumulate(rank.bins.begin(), rank.bins.end(), 0.0,
                         [](double sum, const report::RankTimes& bin) {
                           return sum + static_cast<double>(bin.busy());
                         });
}

TEST(RunTimelineTest, PutsStagesOneAfterTheOtherBeforeTheReport) {
  RunTimeline timeline(kStart);
  timeline.add(1_rank, 7_image, {2, 5, 3}, 0, kStart + milliseconds(20));
  const report::Timeline result = timeline.timeline(RankRecords(3));
  ASSERT_EQ(result.ranks.size(), 3U);
  EXPECT_TRUE(result.ranks[0].bins.empty());
  const report::RankTimeline& rank = result.ranks[1];
  EXPECT_NEAR(result.span_s, 0.020, 1e-9);
  ASSERT_EQ(result.bin_s, 0.001);
  EXPECT_NEAR(rank.bins.at(9).busy(), 0, 1e-6);
  EXPECT_NEAR(rank.bins.at(10).read, 0.001, 1e-6);
  EXPECT_NEAR(rank.bins.at(12).sift, 0.001, 1e-6);
  EXPECT_NEAR(rank.bins.at(19).match, 0.001, 1e-6);
  EXPECT_NEAR(busy_s(rank), 0.010, 1e-6);
  ASSERT_EQ(rank.intervals.size(), 1U);
  EXPECT_EQ(rank.intervals[0].what, report::WorkedAt(7_image));
  EXPECT_NEAR(rank.intervals[0].start_s, 0.010, 1e-6);
}

TEST(RunTimelineTest, LeavesOutWhatWasWaitedBetweenDescribingAndMatching) {
  RunTimeline timeline(kStart);
  timeline.add(0_rank, 7_image, {2, 5, 3}, 6, kStart + milliseconds(20));
  const report::Timeline result = timeline.timeline(RankRecords(1));
  const report::RankTimeline& rank = result.ranks.at(0);
  EXPECT_NEAR(rank.bins.at(4).read, 0.001, 1e-6);
  EXPECT_NEAR(rank.bins.at(10).sift, 0.001, 1e-6);
  EXPECT_NEAR(rank.bins.at(11).busy(), 0, 1e-6);
  EXPECT_NEAR(rank.bins.at(16).busy(), 0, 1e-6);
  EXPECT_NEAR(rank.bins.at(17).match, 0.001, 1e-6);
  EXPECT_NEAR(rank.busy_s, 0.010, 1e-6);
  ASSERT_EQ(rank.intervals.size(), 2U);
  EXPECT_NEAR(rank.intervals[0].end_s, 0.011, 1e-6);
  EXPECT_NEAR(rank.intervals[1].start_s, 0.017, 1e-6);
}

TEST(RunTimelineTest, ShowsWhenCoresWereLent) {
  RunTimeline timeline(kStart);
  timeline.lends(1_rank, true, kStart + milliseconds(5));
  timeline.add(0_rank, 7_image, {0, 10, 0}, 0, kStart + milliseconds(10));
  timeline.lends(1_rank, false, kStart + milliseconds(8));
  timeline.lends(2_rank, true, kStart + milliseconds(4));
  timeline.lends(2_rank, false, kStart + milliseconds(50));  // nothing was computed so late
  timeline.lends(3_rank, true, kStart + milliseconds(9));    // and is not taken back
  const report::Timeline result = timeline.timeline(RankRecords(4));
  EXPECT_NEAR(result.span_s, 0.010, 1e-9);
  EXPECT_NEAR(result.ranks.at(1).lent_s, 0.003, 1e-6);
  EXPECT_NEAR(result.ranks.at(1).bins.at(4).lent, 0, 1e-6);
  EXPECT_NEAR(result.ranks.at(1).bins.at(5).lent, 0.001, 1e-6);
  EXPECT_NEAR(result.ranks.at(1).bins.at(8).lent, 0, 1e-6);
  EXPECT_NEAR(result.ranks.at(1).busy_s, 0, 1e-6);
  EXPECT_NEAR(result.ranks.at(2).lent_s, 0.006, 1e-6);
  EXPECT_NEAR(result.ranks.at(3).lent_s, 0.001, 1e-6);
  EXPECT_NEAR(result.ranks.at(3).bins.at(9).lent, 0.001, 1e-6);
}

TEST(RunTimelineTest, KeepsItsSizeHoweverLongTheRun) {
  constexpr int kImages = 10'000;
  RunTimeline timeline(kStart);
  for (int i = 1; i <= kImages; ++i) {
    timeline.add(0_rank, ImageIndex(static_cast<std::uint64_t>(i)), {10, 40, 50}, 0,
                 kStart + milliseconds(200) * i);
  }
  const report::Timeline result = timeline.timeline(RankRecords(1));
  const report::RankTimeline& rank = result.ranks.at(0);
  EXPECT_LE(rank.bins.size(), RunTimeline::kBins);
  EXPECT_GE(result.bin_s * static_cast<double>(rank.bins.size()), result.span_s);
  EXPECT_EQ(rank.intervals.size(), report::kMostIntervals);
  EXPECT_NEAR(rank.busy_s, 1000, 1e-3);
  EXPECT_NEAR(busy_s(rank), 1000, 1);
}

TEST(RunTimelineTest, IsEmptyIfNothingWasDone) {
  RunTimeline timeline(kStart);
  EXPECT_TRUE(timeline.timeline(RankRecords(2)).ranks.empty());
  timeline.lends(0_rank, true, kStart + milliseconds(5));
  EXPECT_TRUE(timeline.timeline(RankRecords(2)).ranks.empty());
}

// A clock of another process may say more than there was.
TEST(RunTimelineTest, BeginsWithTheRun) {
  RunTimeline timeline(kStart);
  timeline.add(0_rank, 0_image, {0, 500, 0}, 0, kStart + milliseconds(100));
  const report::Timeline result = timeline.timeline(RankRecords(1));
  EXPECT_EQ(result.ranks.at(0).intervals.at(0).start_s, 0);
}

}  // namespace
}  // namespace bundle_match::app

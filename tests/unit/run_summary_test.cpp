// The summary's lines.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/run_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

namespace bundle_match::app {
namespace {

using testing::ElementsAre;

results::ResultTable table_of(const std::vector<ImageStatus>& statuses) {
  static std::list<WorkPlan> plans;  // which outlive their tables
  results::ResultTable table(plans.emplace_back(statuses.size(), 1));
  for (const ImageIndex image : table.plan().image_ids()) {
    ImageResult report;
    report.status = statuses[image.value()];
    table.record(0, image, report);
  }
  return table;
}

RankRecord rank_on(const char* host, std::size_t images, double busy_s) {
  RankRecord rank;
  rank.host = host;
  rank.images = images;
  rank.busy_s = busy_s;
  return rank;
}

RankRecord lost(RankRecord rank) {
  rank.lost = true;
  return rank;
}

TEST(Summary, CountsImagesAndTimes) {
  const auto lines =
      summary_lines(table_of(std::vector<ImageStatus>(47)),
                    RankRecords({rank_on("node1", 24, 1.5), rank_on("node2", 23, 2)}), 0,
                    {.total_s = 2.25, .reference_s = 0.25, .matching_s = 1.75});
  EXPECT_THAT(lines,
              ElementsAre("47 images: 47 matched, 0 failed; 2.25 s, of which reference 0.25 s and "
                          "matching 1.75 s: 23.5 images/s",
                          "rank 0 on node1: 24 images, busy 75.0 %",
                          "rank 1 on node2: 23 images, busy 100.0 %"));
}

TEST(Summary, NamesFailuresByStatus) {
  using enum ImageStatus;
  const auto lines =
      summary_lines(table_of({ok, crashed, unreadable, timed_out, too_large, failed, crashed}),
                    RankRecords({rank_on("h", 7, 1)}), 0, {.total_s = 2, .matching_s = 1});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0],
            "7 images: 1 matched, 6 failed (1 unreadable, 1 too-large, 1 timed-out, 2 crashed, "
            "1 failed); 2.00 s, of which reference 0.00 s and matching 1.00 s: 7.0 images/s");
}

TEST(Summary, RatesOnlyWhatThisRunDid) {
  const auto lines =
      summary_lines(table_of(std::vector<ImageStatus>(10)), RankRecords({lost(rank_on("h", 4, 1))}),
                    6, {.total_s = 2, .matching_s = 2});
  EXPECT_THAT(lines,
              ElementsAre("10 images: 10 matched, 0 failed; 2.00 s, of which reference 0.00 s and "
                          "matching 2.00 s: 2.0 images/s",
                          "rank 0 on h: 4 images, busy 50.0 %, lost on the way"));
}

TEST(Summary, SurvivesARunThatTookNoTime) {
  EXPECT_THAT(summary_lines(table_of({ImageStatus::ok}), RankRecords({rank_on("h", 1, 0)}), 0, {}),
              ElementsAre("1 images: 1 matched, 0 failed; 0.00 s, of which reference 0.00 s and "
                          "matching 0.00 s: 0.0 images/s",
                          "rank 0 on h: 1 images, busy 0.0 %"));
}

TEST(Summary, TellsTheLongestPauseOfARankIfAsked) {
  RankRecord rank = rank_on("node1", 1, 1);
  rank.longest_pause_ms = 12.34;
  const auto table = table_of({ImageStatus::ok});
  const RunTimes times{.total_s = 1, .matching_s = 1};
  EXPECT_EQ(summary_lines(table, RankRecords({rank}), 0, times, true)[1],
            "rank 0 on node1: 1 images, busy 100.0 %, longest pause 12.3 ms");
  EXPECT_EQ(summary_lines(table, RankRecords({rank}), 0, times, false)[1],
            "rank 0 on node1: 1 images, busy 100.0 %");
}

}  // namespace
}  // namespace bundle_match::app

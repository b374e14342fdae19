// The table of results, of images: packing, counting, and being told twice.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>

namespace bundle_match::results {
namespace {

ImageReport report_of(ImageIndex image, ImageStatus status = ImageStatus::ok) {
  ImageReport report;
  report.image = image;
  report.status = status;
  report.keypoints = 4000000000;
  report.width = 640;
  report.height = 480;
  report.elapsed_ms = {1, 2.5, 3};
  return report;
}

TEST(ResultTable, KnowsNothingAtFirst) {
  const WorkPlan plan(3, 1);
  const ResultTable table(plan);
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.done(), 0U);
  EXPECT_EQ(table.failed(), 0U);
  EXPECT_FALSE(table.has(2));
}

TEST(ResultTable, MayBeEmpty) {
  const WorkPlan plan(0, 1);
  ResultTable table(plan);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_THROW(table.record(0, report_of(0)), std::out_of_range);
}

TEST(ResultTable, GivesBackEveryField) {
  const WorkPlan plan(3, 1);
  ResultTable table(plan);
  ImageReport bad = report_of(0, ImageStatus::crashed);
  bad.reason = "killed\nby \xff";
  const Computer here{0, "node1", "plain"};
  const Computer there{7, "node2", "avx2"};
  EXPECT_EQ(table.add_computer(here), 0);
  EXPECT_EQ(table.add_computer(there), 1);
  EXPECT_EQ(table.add_computer(here), 0);
  table.record(1, report_of(2));
  table.record(0, bad);
  EXPECT_EQ(table.report(2), report_of(2));
  EXPECT_EQ(table.report(0), bad);
  EXPECT_EQ(table.computer(2), there);
  EXPECT_EQ(table.computer(0), here);
  EXPECT_TRUE(table.has(0));
  EXPECT_FALSE(table.has(1));
  EXPECT_TRUE(table.has(2));
}

TEST(ResultTable, ForgetsAResult) {
  const WorkPlan plan(2, 1);
  ResultTable table(plan);
  table.record(0, report_of(1, ImageStatus::crashed));
  table.forget(1);
  table.forget(0);
  EXPECT_EQ(table.done(), 0U);
  EXPECT_EQ(table.failed(), 0U);
  EXPECT_FALSE(table.has(1));
}

TEST(ResultTable, CountsImagesAndFailures) {
  const WorkPlan plan(4, 1);
  ResultTable table(plan);
  table.record(0, report_of(0));
  table.record(0, report_of(1, ImageStatus::unreadable));
  table.record(0, report_of(2, ImageStatus::timed_out));
  EXPECT_EQ(table.done(), 3U);
  EXPECT_EQ(table.failed(), 2U);
}

TEST(ResultTable, TakesTheLastReportOfAnImageAndCountsItOnce) {
  const WorkPlan plan(2, 1);
  ResultTable table(plan);
  ImageReport bad = report_of(1, ImageStatus::crashed);
  bad.reason = "it crashed";
  table.record(0, bad);
  table.record(3, report_of(1));
  EXPECT_EQ(table.done(), 1U);
  EXPECT_EQ(table.failed(), 0U);
  EXPECT_EQ(table.report(1), report_of(1)) << "nothing is left of the reason";
  table.record(0, bad);
  table.record(0, bad);
  EXPECT_EQ(table.done(), 1U);
  EXPECT_EQ(table.failed(), 1U);
}

TEST(ResultTable, ThrowsForAnImageThatIsNotInTheRun) {
  const WorkPlan plan(2, 1);
  ResultTable table(plan);
  EXPECT_THROW(table.record(0, report_of(2)), std::out_of_range);
  EXPECT_THROW(table.record(0, report_of(kNoImage)), std::out_of_range);
  EXPECT_THROW((void)table.report(2), std::out_of_range);
  EXPECT_EQ(table.done(), 0U);
}

}  // namespace
}  // namespace bundle_match::results

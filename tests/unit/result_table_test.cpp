// The table of results, of images: packing, counting, and being told twice.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace bundle_match::results {
namespace {

ImageResult full_report(ImageStatus status = ImageStatus::ok) {
  ImageResult report;
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
  EXPECT_FALSE(table.has(2_image));
}

TEST(ResultTable, MayBeEmpty) {
  const WorkPlan plan(0, 1);
  ResultTable table(plan);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_THROW(table.record(0, 0_image, full_report()), std::out_of_range);
}

// What it says instead of being made.
std::string refusal(const WorkPlan& plan, const TableMemory& memory) {
  try {
    const ResultTable table(plan, memory);
  } catch (const TableTooLarge& error) {
    return error.what();
  }
  return "";
}

constexpr auto kMostReferences = std::numeric_limits<std::uint32_t>::max();

TEST(ResultTable, TakesAFewBytesAPair) {
  EXPECT_LT(table_bytes(WorkPlan(0, 1), false), 1000U);
  const std::uint64_t images_alone = table_bytes(WorkPlan(1000, 0), false);
  EXPECT_GE(images_alone, 1000 * sizeof(ImageStatus));
  EXPECT_EQ(table_bytes(WorkPlan(1000, 50), false), images_alone + 200'000);
  EXPECT_EQ(table_bytes(WorkPlan(1000, 50), true), images_alone + 400'000);
  EXPECT_EQ(table_bytes(WorkPlan::among(PairSet::all(1000)), false), images_alone + 1'998'000);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(table_bytes(WorkPlan(std::size_t{1} << 40, kMostReferences), false), kMost);
  EXPECT_EQ(table_bytes(WorkPlan(std::size_t{1} << 31, kMostReferences), true), kMost);
  EXPECT_EQ(table_bytes(WorkPlan(std::size_t{1} << 62, 0), false), kMost);
}

TEST(ResultTable, IsRefusedWhereMemoryDoesNotSuffice) {
  const WorkPlan plan(100'000, 20'000);
  const std::string words = refusal(plan, {std::uint64_t{4} << 30, false});
  EXPECT_EQ(words,
            "2000000000 pairs (100000 images) take 7.5 GiB of memory of rank 0's host, which has "
            "4.0 GiB for them: match fewer images in a run, or let rank 0 run on a host with more");
  const std::uint64_t needed = table_bytes(WorkPlan(10, 10), true);
  EXPECT_NE(refusal(WorkPlan(10, 10), {needed - 1, true}), "");
  EXPECT_EQ(refusal(WorkPlan(10, 10), {needed - 1, false}), "");
  EXPECT_EQ(refusal(WorkPlan(10, 10), {needed, true}), "");
  EXPECT_EQ(refusal(WorkPlan(10, 10), {}), "") << "how much there is need not be known";
}

TEST(ResultTable, KnowsHowManyPairsThereIsMemoryFor) {
  EXPECT_EQ(ResultTable(WorkPlan(10, 1)).most_pairs(), std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t needed = table_bytes(WorkPlan(10, 7), true);
  EXPECT_EQ(ResultTable(WorkPlan(10, 1), {needed, true}).most_pairs(), 70U);
  EXPECT_EQ(ResultTable(WorkPlan(10, 1), {needed - 1, true}).most_pairs(), 69U);
}

TEST(ResultTable, OfMorePairsThanCanBeCountedIsRefused) {
  const std::string words = refusal(WorkPlan(std::size_t{1} << 40, kMostReferences), {});
  EXPECT_TRUE(words.starts_with("more pairs than any host has memory for (1099511627776 images): "))
      << words;
}

#ifndef BUNDLE_MATCH_SANITIZED  // it ends the process instead
TEST(ResultTable, SaysThatMemoryWasRefused) {
  const std::string words = refusal(WorkPlan(1 << 18, kMostReferences), {});
  EXPECT_TRUE(words.starts_with("1125899906580480 pairs (262144 images) take 4194304.0 GiB"))
      << words;
}
#endif

TEST(ResultTable, GivesBackEveryField) {
  const WorkPlan plan(3, 1);
  ResultTable table(plan);
  ImageResult bad = full_report(ImageStatus::crashed);
  bad.reason = "killed\nby \xff";
  const Computer here{0_rank, "node1", "plain"};
  const Computer there{7_rank, "node2", "avx2"};
  EXPECT_EQ(table.add_computer(here), 0);
  EXPECT_EQ(table.add_computer(there), 1);
  EXPECT_EQ(table.add_computer(here), 0);
  table.record(1, 2_image, full_report());
  table.record(0, 0_image, bad);
  EXPECT_EQ(table.report(2_image), full_report());
  EXPECT_EQ(table.report(0_image), bad);
  EXPECT_EQ(table.computer(2_image), there);
  EXPECT_EQ(table.computer(0_image), here);
  EXPECT_TRUE(table.has(0_image));
  EXPECT_FALSE(table.has(1_image));
  EXPECT_TRUE(table.has(2_image));
}

TEST(ResultTable, ForgetsAResult) {
  const WorkPlan plan(2, 1);
  ResultTable table(plan);
  table.record(0, 1_image, full_report(ImageStatus::crashed));
  table.forget(1_image);
  table.forget(0_image);
  EXPECT_EQ(table.done(), 0U);
  EXPECT_EQ(table.failed(), 0U);
  EXPECT_FALSE(table.has(1_image));
}

TEST(ResultTable, CountsImagesAndFailures) {
  const WorkPlan plan(4, 1);
  ResultTable table(plan);
  table.record(0, 0_image, full_report());
  table.record(0, 1_image, full_report(ImageStatus::unreadable));
  table.record(0, 2_image, full_report(ImageStatus::timed_out));
  EXPECT_EQ(table.done(), 3U);
  EXPECT_EQ(table.failed(), 2U);
}

TEST(ResultTable, TakesTheLastReportOfAnImageAndCountsItOnce) {
  const WorkPlan plan(2, 1);
  ResultTable table(plan);
  ImageResult bad = full_report(ImageStatus::crashed);
  bad.reason = "it crashed";
  table.record(0, 1_image, bad);
  table.record(3, 1_image, full_report());
  EXPECT_EQ(table.done(), 1U);
  EXPECT_EQ(table.failed(), 0U);
  EXPECT_EQ(table.report(1_image), full_report()) << "nothing is left of the reason";
  table.record(0, 1_image, bad);
  table.record(0, 1_image, bad);
  EXPECT_EQ(table.done(), 1U);
  EXPECT_EQ(table.failed(), 1U);
}

TEST(ResultTable, ThrowsForAnImageThatIsNotInTheRun) {
  const WorkPlan plan(2, 1);
  ResultTable table(plan);
  EXPECT_THROW(table.record(0, 2_image, full_report()), std::out_of_range);
  EXPECT_THROW(table.record(0, 18446744073709551615_image, full_report()), std::out_of_range);
  EXPECT_THROW((void)table.report(2_image), std::out_of_range);
  EXPECT_EQ(table.done(), 0U);
}

}  // namespace
}  // namespace bundle_match::results

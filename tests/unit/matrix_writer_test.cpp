// The matrix of counts, byte by byte.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/matrix_writer.hpp"

#include "support/id_literals.hpp"
#include "support/image_results.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::results {
namespace {

constexpr WriteOptions kMatches{Format::matrix};
constexpr WriteOptions kInliers{Format::matrix, false, true};
constexpr WriteOptions kOneWay{Format::matrix, false, false, true};

PathList list(const std::vector<std::string_view>& paths) {
  PathList list;
  for (const std::string_view path : paths) {
    list.add(path);
  }
  return list;
}

ImageResult counted_report(const std::vector<PairCounts>& counts) {
  ImageResult report;
  for (const PairCounts& pair : counts) {
    report.outcomes.push_back({pair.matches, pair.inliers, {}, {}, {}});
  }
  return report;
}

std::string line(const ResultTable& table, ReferenceIndex reference,
                 const WriteOptions& options = kMatches) {
  std::string out;
  append_matrix_line(out, "r", reference, table, options);
  return out;
}

TEST(Matrix, BeginsWithTheImages) {
  EXPECT_EQ(matrix_header(list({"a.png", "b,c \"d\"", "e\nf", ""})),
            "reference,a.png,\"b,c \"\"d\"\"\",\"e\nf\",\r\n");
  EXPECT_EQ(matrix_header({}), "reference\r\n");
}

TEST(Matrix, HasALineForEachReference) {
  const WorkPlan plan(3, 2);
  ResultTable table(plan);
  table.record(0, 0_image, counted_report({{1, 0}, {200, 16}}));
  table.record(0, 1_image, test::failure_of("", ImageStatus::crashed));
  table.record(0, 2_image, counted_report({{0, 0}, {4000000000, 5}}));
  EXPECT_EQ(line(table, 0_reference), "r,1,,0\r\n");
  EXPECT_EQ(line(table, 1_reference), "r,200,,4000000000\r\n");
  EXPECT_EQ(line(table, 0_reference, kInliers), "r,0,,0\r\n");
  EXPECT_EQ(line(table, 1_reference, kInliers), "r,16,,5\r\n");
  EXPECT_EQ(line(table, 1_reference, kOneWay), line(table, 1_reference))
      << "they are not each other's images";
}

TEST(Matrix, IsAppendedToAndQuotesTheReference) {
  const WorkPlan plan(0, 1);
  const ResultTable table(plan);
  std::string out = "before\r\n";
  append_matrix_line(out, "r,\n", 0_reference, table, kMatches);
  EXPECT_EQ(out, "before\r\n\"r,\n\"\r\n");
}

TEST(MatrixOfAllPairs, IsSymmetricWithAnEmptyDiagonal) {
  const WorkPlan plan = WorkPlan::among(PairSet::all(3));
  ResultTable table(plan);
  table.record(0, 0_image, counted_report({}));
  table.record(0, 1_image, counted_report({}));
  table.record(0, 2_image, counted_report({}));
  table.record_pairs(1_image, counted_report({{10, 1}}), {0_reference, 1});
  table.record_pairs(2_image, counted_report({{20, 2}, {21, 3}}), {0_reference, 2});
  EXPECT_EQ(line(table, 0_reference), "r,,10,20\r\n");
  EXPECT_EQ(line(table, 1_reference), "r,10,,21\r\n");
  EXPECT_EQ(line(table, 2_reference), "r,20,21,\r\n");
  EXPECT_EQ(line(table, 1_reference, kInliers), "r,1,,3\r\n");
}

TEST(MatrixOfAllPairs, LeavesEmptyWhatOneWayDoesNotTell) {
  const WorkPlan plan = WorkPlan::among(PairSet::all(3));
  ResultTable table(plan);
  table.record_pairs(1_image, counted_report({{10, 1}}), {0_reference, 1});
  table.record_pairs(2_image, counted_report({{20, 2}, {21, 3}}), {0_reference, 2});
  EXPECT_EQ(line(table, 0_reference, kOneWay), "r,,10,20\r\n");
  EXPECT_EQ(line(table, 1_reference, kOneWay), "r,,,21\r\n");
  EXPECT_EQ(line(table, 2_reference, kOneWay), "r,,,\r\n");
}

TEST(MatrixOfAllPairs, IsEmptyOnBothSidesOfAFailure) {
  const WorkPlan plan = WorkPlan::among(PairSet::all(3));
  ResultTable table(plan);
  table.record(0, 1_image, test::failure_of("", ImageStatus::crashed));
  table.record_pairs(2_image, counted_report({{20, 2}}), {0_reference, 1});
  EXPECT_EQ(line(table, 0_reference), "r,,,20\r\n");
  EXPECT_EQ(line(table, 1_reference), "r,,,\r\n");
  EXPECT_EQ(line(table, 2_reference), "r,20,,\r\n");
}

}  // namespace
}  // namespace bundle_match::results

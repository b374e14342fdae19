// Which rows are written, in which order: filters, ties, failures, several references, all pairs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/row_selection.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iostream>
#include <random>
#include <vector>

namespace bundle_match::results {
namespace {

using Sort = RowSelection::Sort;
using Images = std::vector<ImageIndex>;

Images images_of(std::initializer_list<std::uint64_t> numbers) {
  Images images;
  for (const std::uint64_t number : numbers) {
    images.emplace_back(number);
  }
  return images;
}

struct Row {
  ReferenceIndex reference;
  ImageIndex image;

  friend bool operator==(const Row&, const Row&) = default;
};
using Rows = std::vector<Row>;

Rows rows(const ResultTable& table, const RowSelection& selection) {
  Rows rows;
  for_each_row(table, selection, [&](ReferenceIndex reference, ImageIndex image) {
    rows.push_back({reference, image});
  });
  return rows;
}

void record(ResultTable& table, ImageIndex image, const std::vector<PairCounts>& counts) {
  ImageResult report;
  for (const PairCounts& pair : counts) {
    report.outcomes.push_back({pair.matches, pair.inliers, {}, {}, {}});
  }
  table.record(0, image, report);
  if (table.plan().among_images()) {
    table.record_pairs(image, report, {0_reference, static_cast<std::uint32_t>(counts.size())});
  }
}

void fail(ResultTable& table, ImageIndex image) {
  ImageResult report;
  report.status = ImageStatus::unreadable;
  table.record(0, image, report);
}

// One reference and seven images, of which 2 and 5 have failed. Matches: 4 4 - 9 0 - 9.
class SelectionOfOneReference : public testing::Test {
 protected:
  SelectionOfOneReference() {
    record(table_, 0_image, {{4, 1}});
    record(table_, 1_image, {{4, 3}});
    fail(table_, 2_image);
    record(table_, 3_image, {{9, 1}});
    record(table_, 4_image, {{0, 0}});
    fail(table_, 5_image);
    record(table_, 6_image, {{9, 0}});
  }

  [[nodiscard]] Images images(const RowSelection& selection) const {
    Images images;
    for (const Row& row : rows(table_, selection)) {
      EXPECT_EQ(row.reference, 0_reference);
      images.push_back(row.image);
    }
    return images;
  }

  const WorkPlan plan_{7, 1};
  ResultTable table_{plan_};
};

TEST_F(SelectionOfOneReference, HasAllRowsInInputOrderByDefault) {
  EXPECT_EQ(images({}), (images_of({0, 1, 2, 3, 4, 5, 6})));
}

TEST_F(SelectionOfOneReference, DropsRowsThatAreOkAndHaveFewerMatches) {
  EXPECT_EQ(images({Sort::input, {}, 1}), (images_of({0, 1, 2, 3, 5, 6})));
  EXPECT_EQ(images({Sort::input, {}, 4}), (images_of({0, 1, 2, 3, 5, 6})));
  EXPECT_EQ(images({Sort::input, {}, 5}), (images_of({2, 3, 5, 6})));
  EXPECT_EQ(images({Sort::input, {}, 10}), (images_of({2, 5})));
  EXPECT_EQ(images({Sort::matches, {}, 5}), (images_of({3, 6, 2, 5})));
}

TEST_F(SelectionOfOneReference, SortsByMatchesWithTiesInInputOrderAndFailuresLast) {
  EXPECT_EQ(images({Sort::matches}), (images_of({3, 6, 0, 1, 4, 2, 5})));
}

TEST_F(SelectionOfOneReference, SortsByInliersThenByMatches) {
  EXPECT_EQ(images({Sort::inliers}), (images_of({1, 3, 0, 6, 4, 2, 5})));
}

TEST_F(SelectionOfOneReference, KeepsTheBestAndNoFailures) {
  EXPECT_EQ(images({Sort::matches, 3}), (images_of({3, 6, 0})));
  EXPECT_EQ(images({Sort::inliers, 3}), (images_of({1, 3, 0})));
  EXPECT_EQ(images({Sort::input, 3}), (images_of({0, 3, 6})))
      << "the best by matches, in input order";
  EXPECT_EQ(images({Sort::input, 1}), (images_of({3})));
  EXPECT_EQ(images({Sort::matches, 5}), (images_of({3, 6, 0, 1, 4})));
  EXPECT_EQ(images({Sort::matches, 4000000000}), (images_of({3, 6, 0, 1, 4})));
  EXPECT_EQ(images({Sort::input, 6}), (images_of({0, 1, 3, 4, 6})));
  EXPECT_EQ(images({Sort::matches, 0}), (Images()));
}

TEST_F(SelectionOfOneReference, KeepsTheBestOfThoseWithEnoughMatches) {
  EXPECT_EQ(images({Sort::inliers, 3, 5}), (images_of({3, 6})));
  EXPECT_EQ(images({Sort::input, 1, 10}), (Images()));
}

TEST(SelectionOfReferences, IsMadeOneByOne) {
  const WorkPlan plan(4, 2);
  ResultTable table(plan);
  record(table, 0_image, {{1, 0}, {8, 0}});
  record(table, 1_image, {{2, 0}, {7, 0}});
  fail(table, 2_image);
  record(table, 3_image, {{3, 0}, {9, 0}});
  EXPECT_EQ(rows(table, {}), (Rows{{0_reference, 0_image},
                                   {0_reference, 1_image},
                                   {0_reference, 2_image},
                                   {0_reference, 3_image},
                                   {1_reference, 0_image},
                                   {1_reference, 1_image},
                                   {1_reference, 2_image},
                                   {1_reference, 3_image}}));
  EXPECT_EQ(rows(table, {Sort::matches}), (Rows{{0_reference, 3_image},
                                                {0_reference, 1_image},
                                                {0_reference, 0_image},
                                                {0_reference, 2_image},
                                                {1_reference, 3_image},
                                                {1_reference, 0_image},
                                                {1_reference, 1_image},
                                                {1_reference, 2_image}}));
  EXPECT_EQ(rows(table, {Sort::matches, 1}),
            (Rows{{0_reference, 3_image}, {1_reference, 3_image}}));
  EXPECT_EQ(rows(table, {Sort::input, 2, 3}),
            (Rows{{0_reference, 3_image}, {1_reference, 0_image}, {1_reference, 3_image}}));
}

TEST(Selection, OfNothingIsNothing) {
  const WorkPlan none(0, 3);
  const WorkPlan no_pair = WorkPlan::among(PairSet::all(1));
  for (const RowSelection& selection :
       {RowSelection{}, RowSelection{Sort::matches}, RowSelection{Sort::input, 3}}) {
    EXPECT_EQ(rows(ResultTable(none), selection), Rows{});
    EXPECT_EQ(rows(ResultTable(no_pair), selection), Rows{});
  }
}

// Four images. Matches: (0, 1) 5, (0, 2) 7, (0, 3) 5, (1, 2) 9, (1, 3) 5, (2, 3) 8.
class SelectionOfAllPairs : public testing::Test {
 protected:
  SelectionOfAllPairs() {
    record(table_, 0_image, {});
    record(table_, 1_image, {{5, 5}});
    record(table_, 2_image, {{7, 0}, {9, 2}});
    record(table_, 3_image, {{5, 1}, {5, 5}, {8, 0}});
  }

  const WorkPlan plan_ = WorkPlan::among(PairSet::all(4));
  ResultTable table_{plan_};
};

TEST_F(SelectionOfAllPairs, GoesByTheirFirstImage) {
  EXPECT_EQ(rows(table_, {}), (Rows{{0_reference, 1_image},
                                    {0_reference, 2_image},
                                    {0_reference, 3_image},
                                    {1_reference, 2_image},
                                    {1_reference, 3_image},
                                    {2_reference, 3_image}}));
  EXPECT_EQ(rows(table_, {Sort::matches}), (Rows{{0_reference, 2_image},
                                                 {0_reference, 1_image},
                                                 {0_reference, 3_image},
                                                 {1_reference, 2_image},
                                                 {1_reference, 3_image},
                                                 {2_reference, 3_image}}));
  EXPECT_EQ(rows(table_, {Sort::input, {}, 8}),
            (Rows{{1_reference, 2_image}, {2_reference, 3_image}}));
}

TEST_F(SelectionOfAllPairs, HasTheBestOfTheWholeRun) {
  EXPECT_EQ(rows(table_, {Sort::matches, 3}),
            (Rows{{1_reference, 2_image}, {2_reference, 3_image}, {0_reference, 2_image}}));
  EXPECT_EQ(rows(table_, {Sort::matches, 5}), (Rows{{1_reference, 2_image},
                                                    {2_reference, 3_image},
                                                    {0_reference, 2_image},
                                                    {0_reference, 1_image},
                                                    {0_reference, 3_image}}));
  EXPECT_EQ(rows(table_, {Sort::input, 4}), (Rows{{0_reference, 1_image},
                                                  {0_reference, 2_image},
                                                  {1_reference, 2_image},
                                                  {2_reference, 3_image}}));
  EXPECT_EQ(rows(table_, {Sort::inliers, 3}),
            (Rows{{0_reference, 1_image}, {1_reference, 3_image}, {1_reference, 2_image}}));
  EXPECT_EQ(rows(table_, {Sort::inliers, 3, 8}),
            (Rows{{1_reference, 2_image}, {2_reference, 3_image}}));
}

TEST_F(SelectionOfAllPairs, HasThoseOfAFailedImageLast) {
  fail(table_, 2_image);
  EXPECT_EQ(rows(table_, {Sort::inliers}), (Rows{{0_reference, 1_image},
                                                 {0_reference, 3_image},
                                                 {0_reference, 2_image},
                                                 {1_reference, 3_image},
                                                 {1_reference, 2_image},
                                                 {2_reference, 3_image}}));
  EXPECT_EQ(rows(table_, {Sort::input, 9}),
            (Rows{{0_reference, 1_image}, {0_reference, 3_image}, {1_reference, 3_image}}));
}

// Against a stable sort of all rows.
TEST(Selection, IsThatOfAStableSort) {
  constexpr std::uint64_t kSeed = 7;
  constexpr std::size_t kImages = 500;
  std::cout << "seed " << kSeed << "\n";
  std::mt19937_64 random(kSeed);
  const WorkPlan plan(kImages, 1);
  ResultTable table(plan);
  ById<ImageIndex, PairCounts> counts;
  Images expected;
  for (const ImageIndex image : plan.image_ids()) {
    counts.push_back({static_cast<std::uint32_t>(random() % 20), 0});
    record(table, image, {counts[image]});
    expected.push_back(image);
  }
  std::stable_sort(expected.begin(), expected.end(), [&](ImageIndex a, ImageIndex b) {
    return counts[a].matches > counts[b].matches;
  });
  for (const std::uint32_t top : {1U, 2U, 100U, 499U, 500U}) {
    Rows best;
    for (std::size_t i = 0; i < top; ++i) {
      best.push_back({0_reference, expected[i]});
    }
    EXPECT_EQ(rows(table, {Sort::matches, top}), best) << top;
    std::sort(best.begin(), best.end(),
              [](const Row& a, const Row& b) { return a.image < b.image; });
    EXPECT_EQ(rows(table, {Sort::input, top}), best) << top;
  }
}

}  // namespace
}  // namespace bundle_match::results

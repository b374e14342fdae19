// The table of results, of pairs: of several references, and of all pairs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"
#include "support/id_literals.hpp"
#include "support/image_results.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::results {
namespace {

using test::failure_of;
using test::outcome;
using test::report_of;

const std::vector<double> kHomography = {1, 0.5, -3, 0, 1e-7, 0, 0, 0, 1};

class SeveralReferences : public testing::Test {
 protected:
  const WorkPlan plan_{3, 2};
  ResultTable table_{plan_};
};

TEST_F(SeveralReferences, HaveAnOutcomeForEachPair) {
  table_.record(0, 1_image, report_of({outcome(7), outcome(0)}));
  table_.record(0, 0_image, report_of({outcome(20, 16, kHomography), outcome(5, 3)}));
  EXPECT_EQ(table_.counts(1_image, 0_reference), (PairCounts{7, 0}));
  EXPECT_EQ(table_.counts(1_image, 1_reference), (PairCounts{0, 0}));
  EXPECT_EQ(table_.counts(0_image, 0_reference), (PairCounts{20, 16}));
  EXPECT_EQ(table_.counts(0_image, 1_reference), (PairCounts{5, 3}));
  EXPECT_EQ(table_.counts(2_image, 0_reference), std::nullopt);
  EXPECT_EQ(table_.pair(0_image, 0_reference).matches, 20U);
  EXPECT_EQ(table_.pair(0_image, 0_reference).inliers, 16U);
  EXPECT_EQ(table_.pair(0_image, 0_reference).model, kHomography);
  EXPECT_TRUE(table_.pair(0_image, 1_reference).model.empty());
  EXPECT_TRUE(table_.has_pair(1_image, 1_reference)) << "no match is an outcome, too";
  EXPECT_FALSE(table_.has_pair(2_image, 1_reference));
}

TEST_F(SeveralReferences, CountImages) {
  table_.record(0, 0_image, report_of({outcome(1), outcome(2)}));
  table_.record(0, 2_image, failure_of("missing"));
  EXPECT_EQ(table_.size(), 3U);
  EXPECT_EQ(table_.done(), 2U);
  EXPECT_EQ(table_.failed(), 1U);
}

TEST_F(SeveralReferences, FailTogetherWithTheirImage) {
  ImageResult report = failure_of("no result", ImageStatus::timed_out);
  report.outcomes = {outcome(7), outcome(8)};  // which it must not have
  table_.record(0, 1_image, report);
  for (const ReferenceIndex reference : {0_reference, 1_reference}) {
    EXPECT_TRUE(table_.has_pair(1_image, reference));
    EXPECT_EQ(table_.pair(1_image, reference).status, ImageStatus::timed_out);
    EXPECT_EQ(table_.pair(1_image, reference).reason, "no result");
    EXPECT_EQ(table_.pair(1_image, reference).matches, 0U);
    EXPECT_EQ(table_.counts(1_image, reference), std::nullopt);
  }
}

TEST_F(SeveralReferences, KeepWhatTheDecoderComplainedOf) {
  ImageResult report = report_of({outcome(7), outcome(8)});
  report.reason = "truncated";
  table_.record(0, 1_image, report);
  EXPECT_EQ(table_.pair(1_image, 1_reference).status, ImageStatus::ok);
  EXPECT_EQ(table_.pair(1_image, 1_reference).reason, "truncated");
}

TEST_F(SeveralReferences, ForgetEverythingOfAnImage) {
  table_.record(0, 0_image, report_of({outcome(20, 16, kHomography), outcome(5, 3)}));
  table_.record(0, 1_image, report_of({outcome(1), outcome(2)}));
  table_.forget(0_image);
  EXPECT_FALSE(table_.has(0_image));
  EXPECT_FALSE(table_.has_pair(0_image, 0_reference));
  EXPECT_FALSE(table_.has_pair(0_image, 1_reference));
  EXPECT_EQ(table_.counts(1_image, 1_reference), (PairCounts{2, 0}));
  EXPECT_EQ(table_.done(), 1U);
  table_.record(0, 0_image, report_of({outcome(20), outcome(5)}));
  EXPECT_TRUE(table_.pair(0_image, 0_reference).model.empty());
  EXPECT_EQ(table_.counts(0_image, 0_reference), (PairCounts{20, 0}));
}

TEST_F(SeveralReferences, TakeTheLastReport) {
  table_.record(0, 0_image, report_of({outcome(20, 16, kHomography), outcome(5)}));
  table_.record(0, 0_image, failure_of("gone"));
  EXPECT_EQ(table_.counts(0_image, 0_reference), std::nullopt);
  EXPECT_TRUE(table_.pair(0_image, 0_reference).model.empty());
  table_.record(0, 0_image, report_of({outcome(3), outcome(4)}));
  EXPECT_EQ(table_.counts(0_image, 1_reference), (PairCounts{4, 0}));
  EXPECT_EQ(table_.pair(0_image, 1_reference).reason, "");
  EXPECT_EQ(table_.failed(), 0U);
}

TEST_F(SeveralReferences, RefuseOutcomesThatWouldBeAnotherImages) {
  EXPECT_THROW(table_.record(0, 0_image, report_of({outcome(1), outcome(2), outcome(3)})),
               std::out_of_range);
  EXPECT_THROW(table_.record(0, 3_image, report_of({outcome(1)})), std::out_of_range);
  EXPECT_EQ(table_.done(), 0U);
  EXPECT_EQ(table_.counts(1_image, 0_reference), std::nullopt);
}

TEST_F(SeveralReferences, TakeAnyCountForACount) {
  table_.record(0, 0_image,
                report_of({outcome(std::numeric_limits<std::uint32_t>::max()), outcome(1)}));
  EXPECT_TRUE(table_.has_pair(0_image, 0_reference));
}

class AllPairs : public testing::Test {
 protected:
  void describe_all() {
    for (const ImageIndex image : plan_.image_ids()) {
      table_.record(0, image, report_of({}));
    }
  }

  // The image's pairs with `first` and those after it have these matches.
  void record_pairs(ImageIndex image, ReferenceIndex first,
                    const std::vector<std::uint32_t>& matches) {
    ImageResult report = report_of({});
    for (const std::uint32_t count : matches) {
      report.outcomes.push_back(outcome(count));
    }
    table_.record_pairs(image, report, {first, static_cast<std::uint32_t>(matches.size())});
  }

  void expect_counts(std::size_t done, std::size_t failed) const {
    EXPECT_EQ(table_.done(), done);
    EXPECT_EQ(table_.failed(), failed);
  }

  const WorkPlan plan_ = WorkPlan::among(PairSet::all(5));
  ResultTable table_{plan_};
};

TEST(ATableOfPairs, KeepsItsResultsWhenPairsAreAdded) {
  using Pairs = std::vector<PairSet::Pair>;
  const PairSet few = PairSet::of(5, Pairs{{1_image, 3_image}, {2_image, 4_image}});
  ResultTable table(WorkPlan::among(few));
  for (const ImageIndex image : {0_image, 1_image, 3_image, 4_image}) {
    table.record(0, image, report_of({}));
  }
  table.record(0, 2_image, failure_of("empty file"));
  table.record_pairs(3_image, report_of({outcome(31, 17, kHomography)}), {1_reference, 1});
  EXPECT_EQ(table.images_failed(), 1U);

  const PairSet more =
      PairSet::of(5, Pairs{{0_image, 1_image}, {3_image, 4_image}, {0_image, 2_image}});
  table.add_pairs(WorkPlan::among(PairSet::united(few, more)));
  EXPECT_EQ(table.size(), 5U);
  EXPECT_EQ(table.done(), 3U);
  EXPECT_EQ(table.failed(), 2U) << "two pairs of the image that failed";
  EXPECT_EQ(table.pair(3_image, 1_reference).matches, 31U);
  EXPECT_EQ(table.pair(3_image, 1_reference).inliers, 17U);
  EXPECT_EQ(table.pair(3_image, 1_reference).model, kHomography);
  EXPECT_FALSE(table.has_pair(1_image, 0_reference));
  table.record_pairs(4_image, failure_of("slow", ImageStatus::timed_out), {3_reference, 1});

  table.add_pairs(WorkPlan::among(PairSet::all(5)));
  EXPECT_EQ(table.size(), 10U);
  EXPECT_EQ(table.done(), 6U);
  EXPECT_EQ(table.failed(), 5U);
  EXPECT_EQ(table.pair(4_image, 3_reference).reason, "slow");
  EXPECT_EQ(table.pair(3_image, 1_reference).inliers, 17U);
}

TEST_F(AllPairs, CountPairsNotImages) {
  EXPECT_EQ(table_.size(), 10U);
  describe_all();
  expect_counts(0, 0);
  record_pairs(3_image, 0_reference, {30, 31, 32});
  expect_counts(3, 0);
  EXPECT_EQ(table_.counts(3_image, 1_reference), (PairCounts{31, 0}));
  EXPECT_FALSE(table_.has_pair(4_image, 0_reference));
}

TEST_F(AllPairs, AreNoneOfNoImagesOrOne) {
  for (const std::size_t images : {0U, 1U}) {
    const WorkPlan plan = WorkPlan::among(PairSet::all(images));
    const ResultTable table(plan);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.done(), 0U);
    EXPECT_EQ(table.failed(), 0U);
  }
}

TEST_F(AllPairs, FailOnEitherSideOfAnImageThatFailed) {
  describe_all();
  table_.record(0, 2_image, failure_of("empty file"));
  expect_counts(4, 4);
  EXPECT_EQ(table_.pair(2_image, 0_reference).reason, "empty file");
  EXPECT_EQ(table_.pair(4_image, 2_reference).status, ImageStatus::unreadable);
  EXPECT_EQ(table_.pair(4_image, 2_reference).reason, "the reference: empty file");
  EXPECT_TRUE(table_.has_pair(2_image, 0_reference));
  EXPECT_TRUE(table_.has_pair(4_image, 2_reference));
  EXPECT_FALSE(table_.has_pair(4_image, 1_reference));
  table_.record(0, 4_image, failure_of("missing"));
  expect_counts(7, 7);
  EXPECT_EQ(table_.pair(4_image, 2_reference).reason, "missing")
      << "the image's own reason comes first";
}

TEST_F(AllPairs, AreCountedOnceWhateverTheOrderOfReports) {
  describe_all();
  record_pairs(3_image, 0_reference, {30, 31, 32});
  record_pairs(2_image, 0_reference, {20, 21});
  table_.record_pairs(4_image, failure_of("slow", ImageStatus::timed_out), {0_reference, 4});
  expect_counts(9, 4);
  table_.record(0, 2_image, failure_of("gone"));  // known with 0, 1, 3; failed with 4
  expect_counts(9, 7);
  EXPECT_EQ(table_.counts(3_image, 2_reference), std::nullopt);
  record_pairs(3_image, 0_reference, {30, 31, 32});
  table_.record_pairs(4_image, failure_of("slow", ImageStatus::timed_out), {0_reference, 4});
  expect_counts(9, 7);
  record_pairs(1_image, 0_reference, {10});
  expect_counts(10, 7);
}

TEST_F(AllPairs, OfARangeMayFail) {
  describe_all();
  table_.record_pairs(4_image, failure_of("killed", ImageStatus::crashed), {1_reference, 2});
  expect_counts(2, 2);
  EXPECT_FALSE(table_.has_pair(4_image, 0_reference));
  EXPECT_EQ(table_.pair(4_image, 1_reference).status, ImageStatus::crashed);
  EXPECT_EQ(table_.pair(4_image, 2_reference).reason, "killed");
  EXPECT_FALSE(table_.has_pair(4_image, 3_reference));
  record_pairs(4_image, 0_reference, {40, 41});
  expect_counts(3, 1);
  EXPECT_EQ(table_.pair(4_image, 1_reference).status, ImageStatus::ok);
  EXPECT_EQ(table_.pair(4_image, 1_reference).reason, "");
  table_.record_pairs(4_image, failure_of("killed", ImageStatus::crashed), {0_reference, 2});
  expect_counts(3, 3);
}

TEST_F(AllPairs, ForgetFailuresOfAnImageAlone) {
  describe_all();
  record_pairs(4_image, 0_reference, {40, 41});
  table_.record_pairs(4_image, failure_of("killed", ImageStatus::crashed), {2_reference, 2});
  table_.forget(4_image);
  expect_counts(2, 0);
  EXPECT_FALSE(table_.has(4_image));
  EXPECT_EQ(table_.counts(4_image, 1_reference), (PairCounts{41, 0}));
  EXPECT_FALSE(table_.has_pair(4_image, 3_reference));
}

TEST_F(AllPairs, AreThereAgainOnceAFailedImageIsForgotten) {
  describe_all();
  table_.record(0, 1_image, failure_of("missing"));
  expect_counts(4, 4);
  table_.forget(1_image);
  expect_counts(0, 0);
  table_.record(0, 1_image, report_of({}));
  record_pairs(3_image, 1_reference, {31});
  expect_counts(1, 0);
  EXPECT_EQ(table_.pair(3_image, 1_reference).reason, "");
}

TEST_F(AllPairs, KeepTheImagesReportApart) {
  ImageResult report = report_of({});
  report.keypoints = 12;
  report.elapsed_ms = {1, 2, 0};
  table_.record(0, 3_image, report);
  report.outcomes = {outcome(5)};
  report.elapsed_ms = {0, 0, 4};
  table_.record_pairs(3_image, report, {0_reference, 1});
  table_.record_pairs(3_image, report, {0_reference, 1});
  EXPECT_EQ(table_.report(3_image).elapsed_ms, (StageTimes{1, 2, 8}));
  EXPECT_EQ(table_.report(3_image).keypoints, 12U);
  expect_counts(1, 0);
}

TEST_F(AllPairs, TakeTheLastOutcome) {
  describe_all();
  ImageResult report = report_of({outcome(20, 16, kHomography), outcome(5, 3)});
  table_.record_pairs(2_image, report, {0_reference, 2});
  report.outcomes[0] = outcome(4);
  table_.record_pairs(2_image, report, {0_reference, 2});
  EXPECT_EQ(table_.counts(2_image, 0_reference), (PairCounts{4, 0}));
  EXPECT_TRUE(table_.pair(2_image, 0_reference).model.empty());
  expect_counts(2, 0);
}

TEST_F(AllPairs, RefuseRangesThatAreNotInTheRun) {
  describe_all();
  const ImageResult failure = failure_of("killed", ImageStatus::crashed);
  EXPECT_THROW(table_.record_pairs(2_image, failure, {0_reference, 3}), std::out_of_range);
  EXPECT_THROW(table_.record_pairs(2_image, failure, {2_reference, 1}), std::out_of_range);
  EXPECT_THROW(table_.record_pairs(2_image, failure,
                                   {1_reference, std::numeric_limits<std::uint32_t>::max()}),
               std::out_of_range);
  EXPECT_THROW(record_pairs(2_image, 1_reference, {1, 2}), std::out_of_range);
  EXPECT_THROW(record_pairs(0_image, 0_reference, {1}), std::out_of_range);
  EXPECT_THROW(table_.record_pairs(5_image, report_of({}), {0_reference, 1}), std::out_of_range);
  EXPECT_THROW(table_.record_pairs(2_image, report_of({outcome(1)}), {0_reference, 2}),
               std::out_of_range);
  expect_counts(0, 0);
}

// Of five images each with the next one, and 0 with 3.
class SomePairs : public testing::Test {
 protected:
  SomePairs() {
    for (const ImageIndex image : plan_.image_ids()) {
      table_.record(0, image, report_of({}));
    }
  }

  const WorkPlan plan_ =
      WorkPlan::among(PairSet::united(PairSet::window(5, 1), PairSet::of(5, {{0_image, 3_image}})));
  ResultTable table_{plan_};
};

TEST_F(SomePairs, AreCounted) {
  EXPECT_EQ(table_.size(), 5U);
  const ReferenceList with(std::vector<ReferenceRange>{{0_reference, 1}, {2_reference, 1}});
  table_.record_pairs(3_image, report_of({outcome(30), outcome(32)}), with);
  EXPECT_EQ(table_.done(), 2U);
  EXPECT_EQ(table_.counts(3_image, 0_reference), (PairCounts{30, 0}));
  EXPECT_EQ(table_.counts(3_image, 2_reference), (PairCounts{32, 0}));
  EXPECT_EQ(table_.counts(3_image, 1_reference), std::nullopt) << "it is none of the run's";
  EXPECT_THROW((void)table_.pair(3_image, 1_reference), std::out_of_range);
}

TEST_F(SomePairs, FailWithEitherImageEachOnce) {
  table_.record(0, 3_image, failure_of("gone"));
  EXPECT_EQ(table_.failed(), 3U) << "with 0, 2 and 4";
  table_.record(0, 4_image, failure_of("gone"));
  EXPECT_EQ(table_.failed(), 3U);
  table_.record(0, 0_image, failure_of("gone"));
  EXPECT_EQ(table_.failed(), 4U) << "with 1, too";
  table_.forget_failed();
  EXPECT_EQ(table_.failed(), 0U);
  EXPECT_EQ(table_.done(), 0U);
}

}  // namespace
}  // namespace bundle_match::results

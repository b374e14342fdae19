// The table of results, of pairs: of several references, and of all pairs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"
#include "support/id_literals.hpp"

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

const std::vector<double> kModel = {1, 0.5, -3, 0, 1e-7, 0, 0, 0, 1};

ImageResult report_of(ImageIndex image, std::vector<PairOutcome> outcomes = {}) {
  ImageResult report;
  report.image = image;
  report.outcomes = std::move(outcomes);
  return report;
}

ImageResult failure_of(ImageIndex image, std::string reason,
                       ImageStatus status = ImageStatus::unreadable) {
  ImageResult report = report_of(image);
  report.status = status;
  report.reason = std::move(reason);
  return report;
}

PairOutcome outcome(std::uint32_t matches, std::uint32_t inliers = 0,
                    std::vector<double> model = {}) {
  return {matches, inliers, std::move(model), {}, {}};
}

class SeveralReferences : public testing::Test {
 protected:
  const WorkPlan plan_{3, 2};
  ResultTable table_{plan_};
};

TEST_F(SeveralReferences, HaveAnOutcomeForEachPair) {
  table_.record(0, report_of(1, {outcome(7), outcome(0)}));
  table_.record(0, report_of(0, {outcome(20, 16, kModel), outcome(5, 3)}));
  EXPECT_EQ(table_.counts(1, 0_reference), (PairCounts{7, 0}));
  EXPECT_EQ(table_.counts(1, 1_reference), (PairCounts{0, 0}));
  EXPECT_EQ(table_.counts(0, 0_reference), (PairCounts{20, 16}));
  EXPECT_EQ(table_.counts(0, 1_reference), (PairCounts{5, 3}));
  EXPECT_EQ(table_.counts(2, 0_reference), std::nullopt);
  EXPECT_EQ(table_.pair(0, 0_reference).matches, 20U);
  EXPECT_EQ(table_.pair(0, 0_reference).inliers, 16U);
  EXPECT_EQ(table_.pair(0, 0_reference).model, kModel);
  EXPECT_TRUE(table_.pair(0, 1_reference).model.empty());
  EXPECT_TRUE(table_.has_pair(1, 1_reference)) << "no match is an outcome, too";
  EXPECT_FALSE(table_.has_pair(2, 1_reference));
}

TEST_F(SeveralReferences, CountImages) {
  table_.record(0, report_of(0, {outcome(1), outcome(2)}));
  table_.record(0, failure_of(2, "missing"));
  EXPECT_EQ(table_.size(), 3U);
  EXPECT_EQ(table_.done(), 2U);
  EXPECT_EQ(table_.failed(), 1U);
}

TEST_F(SeveralReferences, FailTogetherWithTheirImage) {
  ImageResult report = failure_of(1, "no result", ImageStatus::timed_out);
  report.outcomes = {outcome(7), outcome(8)};  // which it must not have
  table_.record(0, report);
  for (const ReferenceIndex reference : {0_reference, 1_reference}) {
    EXPECT_TRUE(table_.has_pair(1, reference));
    EXPECT_EQ(table_.pair(1, reference).status, ImageStatus::timed_out);
    EXPECT_EQ(table_.pair(1, reference).reason, "no result");
    EXPECT_EQ(table_.pair(1, reference).matches, 0U);
    EXPECT_EQ(table_.counts(1, reference), std::nullopt);
  }
}

TEST_F(SeveralReferences, KeepWhatTheDecoderComplainedOf) {
  ImageResult report = report_of(1, {outcome(7), outcome(8)});
  report.reason = "truncated";
  table_.record(0, report);
  EXPECT_EQ(table_.pair(1, 1_reference).status, ImageStatus::ok);
  EXPECT_EQ(table_.pair(1, 1_reference).reason, "truncated");
}

TEST_F(SeveralReferences, ForgetEverythingOfAnImage) {
  table_.record(0, report_of(0, {outcome(20, 16, kModel), outcome(5, 3)}));
  table_.record(0, report_of(1, {outcome(1), outcome(2)}));
  table_.forget(0);
  EXPECT_FALSE(table_.has(0));
  EXPECT_FALSE(table_.has_pair(0, 0_reference));
  EXPECT_FALSE(table_.has_pair(0, 1_reference));
  EXPECT_EQ(table_.counts(1, 1_reference), (PairCounts{2, 0}));
  EXPECT_EQ(table_.done(), 1U);
  table_.record(0, report_of(0, {outcome(20), outcome(5)}));
  EXPECT_TRUE(table_.pair(0, 0_reference).model.empty());
  EXPECT_EQ(table_.counts(0, 0_reference), (PairCounts{20, 0}));
}

TEST_F(SeveralReferences, TakeTheLastReport) {
  table_.record(0, report_of(0, {outcome(20, 16, kModel), outcome(5)}));
  table_.record(0, failure_of(0, "gone"));
  EXPECT_EQ(table_.counts(0, 0_reference), std::nullopt);
  EXPECT_TRUE(table_.pair(0, 0_reference).model.empty());
  table_.record(0, report_of(0, {outcome(3), outcome(4)}));
  EXPECT_EQ(table_.counts(0, 1_reference), (PairCounts{4, 0}));
  EXPECT_EQ(table_.pair(0, 1_reference).reason, "");
  EXPECT_EQ(table_.failed(), 0U);
}

TEST_F(SeveralReferences, TakeOutcomesFromTheFirstReferenceOn) {
  ImageResult report = report_of(1, {outcome(9)});
  report.first_reference = 1_reference;
  table_.record(0, report);
  EXPECT_EQ(table_.counts(1, 1_reference), (PairCounts{9, 0}));
  EXPECT_EQ(table_.counts(1, 0_reference), std::nullopt);
  EXPECT_EQ(table_.counts(2, 0_reference), std::nullopt);
}

TEST_F(SeveralReferences, RefuseOutcomesThatWouldBeAnotherImages) {
  EXPECT_THROW(table_.record(0, report_of(0, {outcome(1), outcome(2), outcome(3)})),
               std::out_of_range);
  ImageResult late = report_of(0, {outcome(1), outcome(2)});
  late.first_reference = 1_reference;
  EXPECT_THROW(table_.record(0, late), std::out_of_range);
  late.first_reference = ReferenceIndex(std::numeric_limits<std::uint32_t>::max());
  EXPECT_THROW(table_.record(0, late), std::out_of_range);
  EXPECT_EQ(table_.done(), 0U);
  EXPECT_EQ(table_.counts(1, 0_reference), std::nullopt);
}

TEST_F(SeveralReferences, TakeAnyCountForACount) {
  table_.record(0, report_of(0, {outcome(std::numeric_limits<std::uint32_t>::max()), outcome(1)}));
  EXPECT_TRUE(table_.has_pair(0, 0_reference));
}

class AllPairs : public testing::Test {
 protected:
  void describe_all() {
    for (ImageIndex image = 0; image < plan_.images(); ++image) {
      table_.record(0, report_of(image));
    }
  }

  // The image's pairs with `first` and those after it have these matches.
  void record_pairs(ImageIndex image, ReferenceIndex first,
                    const std::vector<std::uint32_t>& matches) {
    ImageResult report = report_of(image);
    report.first_reference = first;
    for (const std::uint32_t count : matches) {
      report.outcomes.push_back(outcome(count));
    }
    table_.record_pairs(report, {first, static_cast<std::uint32_t>(matches.size())});
  }

  void expect_counts(std::size_t done, std::size_t failed) const {
    EXPECT_EQ(table_.done(), done);
    EXPECT_EQ(table_.failed(), failed);
  }

  const WorkPlan plan_ = WorkPlan::of_all_pairs(5);
  ResultTable table_{plan_};
};

TEST_F(AllPairs, CountPairsNotImages) {
  EXPECT_EQ(table_.size(), 10U);
  describe_all();
  expect_counts(0, 0);
  record_pairs(3, 0_reference, {30, 31, 32});
  expect_counts(3, 0);
  EXPECT_EQ(table_.counts(3, 1_reference), (PairCounts{31, 0}));
  EXPECT_FALSE(table_.has_pair(4, 0_reference));
}

TEST_F(AllPairs, AreNoneOfNoImagesOrOne) {
  for (const std::size_t images : {0U, 1U}) {
    const WorkPlan plan = WorkPlan::of_all_pairs(images);
    const ResultTable table(plan);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.done(), 0U);
    EXPECT_EQ(table.failed(), 0U);
  }
}

TEST_F(AllPairs, FailOnEitherSideOfAnImageThatFailed) {
  describe_all();
  table_.record(0, failure_of(2, "empty file"));
  expect_counts(4, 4);
  EXPECT_EQ(table_.pair(2, 0_reference).reason, "empty file");
  EXPECT_EQ(table_.pair(4, 2_reference).status, ImageStatus::unreadable);
  EXPECT_EQ(table_.pair(4, 2_reference).reason, "the reference: empty file");
  EXPECT_TRUE(table_.has_pair(2, 0_reference));
  EXPECT_TRUE(table_.has_pair(4, 2_reference));
  EXPECT_FALSE(table_.has_pair(4, 1_reference));
  table_.record(0, failure_of(4, "missing"));
  expect_counts(7, 7);
  EXPECT_EQ(table_.pair(4, 2_reference).reason, "missing") << "the image's own reason comes first";
}

TEST_F(AllPairs, AreCountedOnceWhateverTheOrderOfReports) {
  describe_all();
  record_pairs(3, 0_reference, {30, 31, 32});
  record_pairs(2, 0_reference, {20, 21});
  table_.record_pairs(failure_of(4, "slow", ImageStatus::timed_out), {0_reference, 4});
  expect_counts(9, 4);
  table_.record(0, failure_of(2, "gone"));  // known with 0, 1, 3; failed with 4
  expect_counts(9, 7);
  EXPECT_EQ(table_.counts(3, 2_reference), std::nullopt);
  record_pairs(3, 0_reference, {30, 31, 32});
  table_.record_pairs(failure_of(4, "slow", ImageStatus::timed_out), {0_reference, 4});
  expect_counts(9, 7);
  record_pairs(1, 0_reference, {10});
  expect_counts(10, 7);
}

TEST_F(AllPairs, OfARangeMayFail) {
  describe_all();
  table_.record_pairs(failure_of(4, "killed", ImageStatus::crashed), {1_reference, 2});
  expect_counts(2, 2);
  EXPECT_FALSE(table_.has_pair(4, 0_reference));
  EXPECT_EQ(table_.pair(4, 1_reference).status, ImageStatus::crashed);
  EXPECT_EQ(table_.pair(4, 2_reference).reason, "killed");
  EXPECT_FALSE(table_.has_pair(4, 3_reference));
  record_pairs(4, 0_reference, {40, 41});
  expect_counts(3, 1);
  EXPECT_EQ(table_.pair(4, 1_reference).status, ImageStatus::ok);
  EXPECT_EQ(table_.pair(4, 1_reference).reason, "");
  table_.record_pairs(failure_of(4, "killed", ImageStatus::crashed), {0_reference, 2});
  expect_counts(3, 3);
}

TEST_F(AllPairs, ForgetFailuresOfAnImageAlone) {
  describe_all();
  record_pairs(4, 0_reference, {40, 41});
  table_.record_pairs(failure_of(4, "killed", ImageStatus::crashed), {2_reference, 2});
  table_.forget(4);
  expect_counts(2, 0);
  EXPECT_FALSE(table_.has(4));
  EXPECT_EQ(table_.counts(4, 1_reference), (PairCounts{41, 0}));
  EXPECT_FALSE(table_.has_pair(4, 3_reference));
}

TEST_F(AllPairs, AreThereAgainOnceAFailedImageIsForgotten) {
  describe_all();
  table_.record(0, failure_of(1, "missing"));
  expect_counts(4, 4);
  table_.forget(1);
  expect_counts(0, 0);
  table_.record(0, report_of(1));
  record_pairs(3, 1_reference, {31});
  expect_counts(1, 0);
  EXPECT_EQ(table_.pair(3, 1_reference).reason, "");
}

TEST_F(AllPairs, KeepTheImagesReportApart) {
  ImageResult report = report_of(3);
  report.keypoints = 12;
  report.elapsed_ms = {1, 2, 0};
  table_.record(0, report);
  report.outcomes = {outcome(5)};
  report.elapsed_ms = {0, 0, 4};
  table_.record_pairs(report, {0_reference, 1});
  table_.record_pairs(report, {0_reference, 1});
  EXPECT_EQ(table_.report(3).elapsed_ms, (StageTimes{1, 2, 8}));
  EXPECT_EQ(table_.report(3).keypoints, 12U);
  expect_counts(1, 0);
}

TEST_F(AllPairs, TakeTheLastOutcome) {
  describe_all();
  ImageResult report = report_of(2, {outcome(20, 16, kModel), outcome(5, 3)});
  table_.record_pairs(report, {0_reference, 2});
  report.outcomes[0] = outcome(4);
  table_.record_pairs(report, {0_reference, 2});
  EXPECT_EQ(table_.counts(2, 0_reference), (PairCounts{4, 0}));
  EXPECT_TRUE(table_.pair(2, 0_reference).model.empty());
  expect_counts(2, 0);
}

TEST_F(AllPairs, RefuseRangesThatAreNotInTheRun) {
  describe_all();
  const ImageResult failure = failure_of(2, "killed", ImageStatus::crashed);
  EXPECT_THROW(table_.record_pairs(failure, {0_reference, 3}), std::out_of_range);
  EXPECT_THROW(table_.record_pairs(failure, {2_reference, 1}), std::out_of_range);
  EXPECT_THROW(
      table_.record_pairs(failure, {1_reference, std::numeric_limits<std::uint32_t>::max()}),
      std::out_of_range);
  EXPECT_THROW(record_pairs(2, 1_reference, {1, 2}), std::out_of_range);
  EXPECT_THROW(record_pairs(0, 0_reference, {1}), std::out_of_range);
  EXPECT_THROW(table_.record_pairs(report_of(5), {0_reference, 1}), std::out_of_range);
  expect_counts(0, 0);
}

}  // namespace
}  // namespace bundle_match::results

// What may be the result of an order, and what contradicts itself or the order.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/work.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

const Work kMatch = MatchWork{{7_reference, 2}};
const Work kMatchDescribed = MatchDescribedWork{9_reference, {7_reference, 2}};
const Work kDraw = DrawWork{};

// With all that reports can carry.
MatchOptions all_options() {
  MatchOptions options;
  options.verification = Verification::homography;
  options.report_features = true;
  options.report_matches = true;
  options.report_pictures = true;
  return options;
}

// The answer to kMatch under all_options(): two pairs, of which the second one is drawn.
MatchAnswer match_answer() {
  return {{{}, {3, 2, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {{100, 0}, {5, 4}, {5000, 1}}, {0, 2}}},
          "features",
          "thumbnail",
          DrawablePair{8_reference, {{1, 2, 3, 4, true}, {}}}};
}

OrderResult result_with(decltype(OrderResult::answer) answer) {
  OrderResult result;
  result.keypoints = 5;
  result.answer = std::move(answer);
  return result;
}

::testing::AssertionResult is_valid(const OrderResult& result, const Work& work,
                                    const MatchOptions& options) {
  const auto why = why_invalid(result, work, options);
  return why ? ::testing::AssertionFailure() << *why : ::testing::AssertionSuccess();
}

// Results that are valid but for one change.
using Change = std::function<void(OrderResult&, MatchAnswer&, MatchOptions&)>;
::testing::AssertionResult is_valid_changed(const Change& change, const Work& work = kMatch) {
  OrderResult result = result_with({});
  MatchAnswer answer = match_answer();
  MatchOptions options = all_options();
  if (work == kMatchDescribed) {
    answer.features.clear();
    answer.thumbnail.clear();
  }
  change(result, answer, options);
  result.answer = answer;
  return is_valid(result, work, options);
}

TEST(PairsOf, AreThoseThatAreMatched) {
  EXPECT_EQ(pairs_of(kMatch), 2U);
  EXPECT_EQ(pairs_of(kMatchDescribed), 2U);
  for (const Work& work : {Work(DescribeWork{}), kDraw, Work(ThumbnailWork{})}) {
    EXPECT_EQ(pairs_of(work), 0U);
  }
}

TEST(ReadsFile, IsFalseForWhatIsDescribed) {
  EXPECT_FALSE(reads_file(kMatchDescribed));
  for (const Work& work : {Work(DescribeWork{}), kMatch, kDraw, Work(ThumbnailWork{})}) {
    EXPECT_TRUE(reads_file(work));
  }
}

TEST(WhyInvalid, IsNothingForTheAnswerToEachWork) {
  const MatchOptions all = all_options();
  EXPECT_TRUE(is_valid(result_with(DescribeAnswer{"features"}), DescribeWork{}, all));
  EXPECT_TRUE(is_valid(result_with(match_answer()), kMatch, all));
  EXPECT_TRUE(is_valid_changed([](auto&...) {}, kMatchDescribed));
  EXPECT_TRUE(is_valid(result_with(PictureAnswer{"picture"}), kDraw, all));
  EXPECT_TRUE(is_valid(result_with(PictureAnswer{"thumbnail"}), ThumbnailWork{}, all));
  EXPECT_TRUE(is_valid(result_with(MatchAnswer{{{}, {5, 0, {}, {}, {}}}, "", "", {}}), kMatch, {}))
      << "numbers alone, as many matches as keypoints";
}

TEST(WhyInvalid, IsTheAnswerToAnotherWork) {
  const std::vector<Work> works = {DescribeWork{}, kMatch, kMatchDescribed, kDraw, ThumbnailWork{}};
  const decltype(OrderResult::answer) answers[] = {std::monostate{}, DescribeAnswer{"features"},
                                                   match_answer(), PictureAnswer{"picture"}};
  for (std::size_t work = 0; work < works.size(); ++work) {
    constexpr std::size_t kRight[] = {1, 2, 2, 3, 3};
    for (std::size_t answer = 0; answer < std::size(answers); ++answer) {
      if (answer != kRight[work]) {
        EXPECT_FALSE(is_valid(result_with(answers[answer]), works[work], all_options()))
            << "work " << work << ", answer " << answer;
      }
    }
  }
}

TEST(WhyInvalid, IsAnAnswerOfAnOrderThatFailed) {
  for (int status = 1; status <= static_cast<int>(last_value(ImageStatus{})); ++status) {
    OrderResult result;
    result.status = static_cast<ImageStatus>(status);
    EXPECT_TRUE(is_valid(result, kMatch, all_options())) << status;
    result.answer = match_answer();
    EXPECT_FALSE(is_valid(result, kMatch, all_options())) << status;
  }
}

TEST(WhyInvalid, IsThatAFileThatWasReadWasNotFound) {
  for (int status = 0; status <= static_cast<int>(last_value(ImageStatus{})); ++status) {
    OrderResult result;
    result.status = static_cast<ImageStatus>(status);
    result.not_found = true;
    EXPECT_EQ(is_valid(result, kDraw, {}), result.status == ImageStatus::unreadable) << status;
  }
  OrderResult picture = result_with(PictureAnswer{"picture"});
  picture.not_found = true;
  EXPECT_FALSE(is_valid(picture, kDraw, {}));
}

TEST(WhyInvalid, AreTimesThatAreNone) {
  for (const auto time : {&StageTimes::read, &StageTimes::sift, &StageTimes::match}) {
    for (const float value : {-1.0F, -kInfinity, kInfinity, kNan}) {
      EXPECT_FALSE(is_valid_changed(
          [&](OrderResult& result, auto&...) { result.elapsed_ms.*time = value; }));
      OrderResult failed;
      failed.status = ImageStatus::failed;
      failed.elapsed_ms.*time = value;
      EXPECT_FALSE(is_valid(failed, kMatch, {}));
    }
    EXPECT_TRUE(
        is_valid_changed([&](OrderResult& result, auto&...) { result.elapsed_ms.*time = 1e30F; }));
  }
  EXPECT_FALSE(is_valid_changed([](OrderResult& result, auto&...) { result.waited_ms = kNan; }));
}

TEST(WhyInvalid, AreNoBytes) {
  EXPECT_FALSE(is_valid(result_with(DescribeAnswer{}), DescribeWork{}, {}));
  EXPECT_FALSE(is_valid(result_with(PictureAnswer{}), kDraw, {}));
  EXPECT_FALSE(is_valid(result_with(PictureAnswer{}), ThumbnailWork{}, {}));
}

TEST(WhyInvalid, IsAnotherNumberOfPairs) {
  for (const Work& work : {kMatch, kMatchDescribed}) {
    EXPECT_FALSE(
        is_valid_changed([](auto&, MatchAnswer& it, auto&) { it.outcomes.pop_back(); }, work));
    EXPECT_FALSE(
        is_valid_changed([](auto&, MatchAnswer& it, auto&) { it.outcomes.emplace_back(); }, work));
    EXPECT_FALSE(
        is_valid_changed([](auto&, MatchAnswer& it, auto&) { it.outcomes.clear(); }, work));
  }
}

// Changes of the pair that has matches.
::testing::AssertionResult is_valid_with(const std::function<void(PairOutcome&)>& change) {
  return is_valid_changed([&](auto&, MatchAnswer& answer, auto&) { change(answer.outcomes[1]); });
}

TEST(WhyInvalid, AreMoreMatchesThanKeypoints) {
  EXPECT_TRUE(is_valid_with([](PairOutcome& it) {
    it.matches = 5;
    it.matched.resize(5);
  }));
  EXPECT_FALSE(is_valid_with([](PairOutcome& it) {
    it.matches = 6;
    it.matched.resize(6);
  }));
}

TEST(WhyInvalid, AreMoreInliersThanMatches) {
  EXPECT_TRUE(is_valid_with([](PairOutcome& it) {
    it.inliers = 3;
    it.inlier_positions = {0, 1, 2};
  }));
  MatchOptions options;
  options.verification = Verification::homography;
  EXPECT_FALSE(
      is_valid(result_with(MatchAnswer{{{}, {3, 4, {}, {}, {}}}, "", "", {}}), kMatch, options));
}

TEST(WhyInvalid, IsAnotherNumberOfRowsThanOfMatches) {
  EXPECT_FALSE(is_valid_with([](PairOutcome& it) { it.matched.emplace_back(); }));
  EXPECT_FALSE(is_valid_with([](PairOutcome& it) {
    it.matched.pop_back();
    it.inliers = 1;
    it.inlier_positions = {0};
  }));
}

TEST(WhyInvalid, IsAMatchOfAKeypointThatTheImageDoesNotHave) {
  EXPECT_FALSE(is_valid_with([](PairOutcome& it) { it.matched[2].image = 5; }));
  EXPECT_FALSE(is_valid_with([](PairOutcome& it) { it.matched[0].image = ~0U; }));
}

TEST(WhyInvalid, AreInlierPositionsThatAreNone) {
  for (const std::vector<std::uint32_t>& positions :
       {std::vector<std::uint32_t>{0}, {0, 1, 2}, {0, 3}, {0, ~0U}, {2, 0}, {1, 1}, {}}) {
    EXPECT_FALSE(is_valid_with([&](PairOutcome& it) { it.inlier_positions = positions; }));
  }
  EXPECT_TRUE(is_valid_with([](PairOutcome& it) { it.inlier_positions = {1, 2}; }));
}

TEST(WhyInvalid, IsAModelThatIsNone) {
  EXPECT_TRUE(is_valid_with([](PairOutcome& it) { it.model.clear(); }));
  for (const std::size_t size : {1U, 8U, 10U, 100U}) {
    EXPECT_FALSE(is_valid_with([&](PairOutcome& it) { it.model.assign(size, 1); })) << size;
  }
  for (const double value : {double{kNan}, double{kInfinity}, -double{kInfinity}}) {
    EXPECT_FALSE(is_valid_with([&](PairOutcome& it) { it.model[4] = value; })) << value;
  }
}

TEST(WhyInvalid, IsAPointThatIsNone) {
  for (const auto coordinate : {&MatchedPoints::reference_x, &MatchedPoints::reference_y,
                                &MatchedPoints::image_x, &MatchedPoints::image_y}) {
    for (const float value : {kNan, kInfinity, -kInfinity}) {
      EXPECT_FALSE(is_valid_changed([&](auto&, MatchAnswer& answer, auto&) {
        answer.drawable->points[1].*coordinate = value;
      }));
    }
  }
}

TEST(WhyInvalid, IsADrawablePairThatWasNotOrdered) {
  for (const ReferenceIndex reference :
       {0_reference, 6_reference, 9_reference, 4294967295_reference}) {
    for (const std::vector<MatchedPoints>& points : {std::vector<MatchedPoints>(1), {}}) {
      EXPECT_FALSE(is_valid_changed([&](auto&, MatchAnswer& answer, auto&) {
        answer.drawable = DrawablePair{reference, points};
      })) << reference.value();
    }
  }
  EXPECT_TRUE(is_valid_changed([](auto&, MatchAnswer& answer, auto&) { answer.drawable.reset(); }));
}

TEST(WhyInvalid, AreMorePointsThanMatches) {
  EXPECT_TRUE(is_valid_changed(
      [](auto&, MatchAnswer& answer, auto&) { answer.drawable->points.resize(3); }));
  EXPECT_FALSE(is_valid_changed(
      [](auto&, MatchAnswer& answer, auto&) { answer.drawable->points.resize(4); }));
  EXPECT_FALSE(is_valid_changed([](auto&, MatchAnswer& answer, auto&) {
    answer.drawable->reference = 7_reference;
  })) << "that pair has none";
}

TEST(WhyInvalid, IsWhatWasNotAskedFor) {
  for (const auto option : {&MatchOptions::report_features, &MatchOptions::report_matches}) {
    EXPECT_FALSE(
        is_valid_changed([&](auto&, auto&, MatchOptions& options) { options.*option = false; }));
  }
  EXPECT_FALSE(is_valid_changed([](auto&, MatchAnswer& answer, MatchOptions& options) {
    options.report_pictures = false;
    answer.drawable.reset();
  })) << "a thumbnail";
  EXPECT_FALSE(is_valid_changed([](auto&, MatchAnswer& answer, MatchOptions& options) {
    options.report_pictures = false;
    answer.thumbnail.clear();
  })) << "points to draw";
  EXPECT_FALSE(is_valid_changed([](auto&, MatchAnswer& it, auto&) { it.features = "features"; },
                                kMatchDescribed));
  EXPECT_FALSE(is_valid_changed([](auto&, MatchAnswer& it, auto&) { it.thumbnail = "thumbnail"; },
                                kMatchDescribed));
}

TEST(WhyInvalid, IsThatFeaturesAreMissing) {
  EXPECT_FALSE(is_valid_changed([](auto&, MatchAnswer& it, auto&) { it.features.clear(); }));
}

TEST(WhyInvalid, IsAGeometryThatWasNotAskedFor) {
  MatchOptions options;
  const auto with = [](std::uint32_t inliers, std::vector<double> model) {
    return result_with(MatchAnswer{{{}, {3, inliers, std::move(model), {}, {}}}, "", "", {}});
  };
  const std::vector<double> model(9, 1);
  EXPECT_FALSE(is_valid(with(1, {}), kMatch, options));
  EXPECT_FALSE(is_valid(with(0, model), kMatch, options));
  options.verification = Verification::fundamental;
  EXPECT_TRUE(is_valid(with(1, {}), kMatch, options));
  EXPECT_TRUE(is_valid(with(0, model), kMatch, options));
  options = all_options();
  options.verification = Verification::none;
  MatchAnswer answer = match_answer();
  answer.outcomes[1].model.clear();
  answer.outcomes[1].inliers = 0;
  EXPECT_FALSE(is_valid(result_with(answer), kMatch, options)) << "positions";
}

}  // namespace
}  // namespace bundle_match

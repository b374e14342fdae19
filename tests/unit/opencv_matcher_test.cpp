// The pairs of every kernel are those of OpenCV's cross-checking brute-force matcher.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/kernel.hpp"
#include "matching_reference.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>

namespace bundle_match::matching {
namespace {

cv::Mat as_float(DescriptorView descriptors) {
  cv::Mat floats(static_cast<int>(descriptors.rows), kDescriptorSize, CV_32F);
  for (int i = 0; i < floats.rows; ++i) {
    std::copy_n(descriptors.row(static_cast<std::size_t>(i)), kDescriptorSize,
                floats.ptr<float>(i));
  }
  return floats;
}

std::vector<Match> opencv_matches(DescriptorView query, DescriptorView train) {
  std::vector<cv::DMatch> found;
  cv::BFMatcher(cv::NORM_L2, true).match(as_float(query), as_float(train), found);
  std::vector<Match> matches;
  for (const cv::DMatch& match : found) {
    // Their distance is the float root; its square is within 1 of the integer below 2^23.
    const auto squared =
        static_cast<std::uint32_t>(std::lround(double{match.distance} * double{match.distance}));
    matches.push_back({static_cast<std::uint32_t>(match.queryIdx),
                       static_cast<std::uint32_t>(match.trainIdx), squared});
  }
  return matches;
}

// What a user of OpenCV writes: the two nearest of every descriptor, those that pass the ratio test
// as query row -> train row. The test itself is on squares, as floats round the roots.
std::map<int, int> opencv_ratio_test(DescriptorView query, DescriptorView train, double ratio) {
  std::map<int, int> passed;
  std::vector<std::vector<cv::DMatch>> found;
  if (query.rows > 0 && train.rows > 0) {
    cv::BFMatcher(cv::NORM_L2).knnMatch(as_float(query), as_float(train), found, 2);
  }
  const auto squared = [&](const cv::DMatch& match) {
    return static_cast<double>(
        test::reference_distance(query.row(static_cast<std::size_t>(match.queryIdx)),
                                 train.row(static_cast<std::size_t>(match.trainIdx))));
  };
  for (const auto& nearest : found) {
    if (nearest.size() < 2 || squared(nearest[0]) < ratio * ratio * squared(nearest[1])) {
      passed[nearest[0].queryIdx] = nearest[0].trainIdx;
    }
  }
  return passed;
}

class OpenCvPairs : public testing::TestWithParam<Kernel> {};

TEST_P(OpenCvPairs, AreTheMutualMatches) {
  if (!GetParam().supported()) {
    GTEST_SKIP() << "this CPU lacks " << GetParam().name;
  }
  std::mt19937 random(20240106);
  using test::Values;
  for (const Values values : {Values::kRandom, Values::kSiftLike, Values::kFewDistinct}) {
    for (const std::size_t n : {1, 10, 333, 1000}) {
      for (const std::size_t m : {1, 17, 500, 1100}) {
        const auto query = test::make_descriptors(values, n, random);
        const auto train = test::make_descriptors(values, m, random);
        NearestNeighbours nearest;
        GetParam().make_matcher(query.view())->match(train.view(), nearest);
        const std::vector<Match> found = mutual_matches(nearest);
        const std::vector<Match> expected = opencv_matches(query.view(), train.view());
        ASSERT_EQ(found.size(), expected.size()) << n << " x " << m;
        for (std::size_t i = 0; i < found.size(); ++i) {
          ASSERT_EQ(found[i].query, expected[i].query) << n << " x " << m;
          ASSERT_EQ(found[i].train, expected[i].train) << n << " x " << m;
          ASSERT_NEAR(found[i].distance, expected[i].distance, 1) << n << " x " << m;
        }
      }
    }
  }
}

TEST_P(OpenCvPairs, AreTheMutualMatchesOfTheRatioTest) {
  if (!GetParam().supported()) {
    GTEST_SKIP() << "this CPU lacks " << GetParam().name;
  }
  std::mt19937 random(20261124);
  std::size_t pairs = 0;
  using test::Values;
  for (const Values values : {Values::kRandom, Values::kSiftLike, Values::kFewDistinct}) {
    for (const std::size_t n : {0, 1, 2, 3, 10, 333}) {
      for (const std::size_t m : {0, 1, 2, 3, 17, 500}) {
        const auto query = test::make_descriptors(values, n, random);
        const auto train = test::make_descriptors(values, m, random);
        NearestNeighbours nearest;
        GetParam().make_matcher(query.view())->match(train.view(), nearest);
        for (const double ratio : {0.75, 0.9, 0.97}) {
          const auto forth = opencv_ratio_test(query.view(), train.view(), ratio);
          const auto back = opencv_ratio_test(train.view(), query.view(), ratio);
          std::map<int, int> expected;
          for (const auto& [i, j] : forth) {
            if (back.count(j) > 0 && back.at(j) == i) {
              expected[i] = j;
            }
          }
          std::map<int, int> found;
          for (const Match& match : mutual_matches(nearest, {ratio, 0})) {
            found[static_cast<int>(match.query)] = static_cast<int>(match.train);
          }
          ASSERT_EQ(found, expected) << n << " x " << m << ", ratio " << ratio;
          pairs += found.size();
        }
      }
    }
  }
  EXPECT_GT(pairs, 50U);
}

INSTANTIATE_TEST_SUITE_P(Kernels, OpenCvPairs,
                         testing::ValuesIn(kernels().begin(), kernels().end()),
                         [](const auto& kernel) { return std::string(kernel.param.name); });

}  // namespace
}  // namespace bundle_match::matching

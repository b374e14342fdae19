// Small images with features, and pairs of them, for the tests of exports.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/exports/exporter.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::test {

/// An image of 640 x 480 with `n` features that the seed decides.
struct SampleImage {
  explicit SampleImage(std::size_t n, std::uint32_t seed = 1) {
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < n; ++i) {
      const auto number = [&](float below) {
        return static_cast<float>(random() % 1000) * below / 1000;
      };
      features.keypoints.push_back({number(640), number(480), 2 + number(20), number(360),
                                    number(1), static_cast<std::int32_t>(random() % 3)});
    }
    for (std::size_t i = 0; i < n * features::kSiftDescriptorBytes; ++i) {
      features.descriptors.push_back(static_cast<std::uint8_t>(random()));
    }
  }

  [[nodiscard]] features::DescribedView view() const {
    return {features.keypoints, features.descriptors.data(), 640, 480, {}, {}};
  }

  features::Features features;
};

/// Three matches, of which the first and the last are inliers of a fundamental matrix.
struct SamplePair {
  [[nodiscard]] exports::PairMatches with(std::string_view reference,
                                          std::string_view image) const {
    return {reference, image, matches, Verification::fundamental, inliers, model};
  }

  std::vector<MatchedRows> matches = {{0, 2}, {1, 0}, {3, 4}};
  std::vector<std::uint32_t> inliers = {0, 2};
  std::vector<double> model = {0, -1, 2, 1, 0, -3, -2, 4, 0.5};
};

}  // namespace bundle_match::test

// Features that no image has, for what carries them without looking at them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/feature_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

namespace bundle_match::test {

/// The same seed gives the same features.
inline features::DescribedImage described_image(std::size_t keypoints, std::string reason,
                                                std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto number = [&random] { return static_cast<float>(random() % 100000U) / 16.0F; };
  features::DescribedImage image;
  for (std::size_t i = 0; i < keypoints; ++i) {
    image.features.keypoints.push_back(
        {number(), number(), number(), number(), number(), static_cast<std::int32_t>(random())});
  }
  image.features.descriptors.resize(keypoints * features::kSiftDescriptorBytes);
  for (std::uint8_t& byte : image.features.descriptors) {
    byte = static_cast<std::uint8_t>(random());
  }
  image.width = static_cast<std::uint32_t>(random());
  image.height = static_cast<std::uint32_t>(random());
  image.reason = std::move(reason);
  return image;
}

inline void expect_equal(const features::DescribedView& view,
                         const features::DescribedImage& image) {
  EXPECT_TRUE(std::ranges::equal(view.keypoints, image.features.keypoints));
  const std::size_t bytes = view.keypoints.size() * features::kSiftDescriptorBytes;
  EXPECT_TRUE(std::equal(view.descriptors, view.descriptors + bytes,
                         image.features.descriptors.begin(), image.features.descriptors.end()));
  EXPECT_EQ(view.width, image.width);
  EXPECT_EQ(view.height, image.height);
  EXPECT_EQ(view.reason, image.reason);
}

}  // namespace bundle_match::test

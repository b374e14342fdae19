// SIFT without OpenCV: every kernel and every way through memory gives the same.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift.hpp"

#include "failing_allocation.hpp"
#include "scenes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <new>
#include <set>
#include <stdexcept>

namespace bundle_match::features {
namespace {

SiftOptions with_kernels(std::string_view kernels) {
  SiftOptions options;
  options.kernels = kernels;
  return options;
}

TEST(SiftKernels, EndWithThePlainOnes) {
  ASSERT_FALSE(sift_kernels().empty());
  EXPECT_EQ(sift_kernels().back(), "plain");
  EXPECT_EQ(Sift(SiftOptions{}).kernels(), sift_kernels().front());
}

TEST(SiftKernels, GiveTheSameToTheBit) {
  std::size_t compared = 0;
  for (const Scene& scene : scenes()) {
    const Features expected = run_sift(with_kernels("plain"), scene.view());
    for (const std::string_view kernels : sift_kernels()) {
      const Features actual = run_sift(with_kernels(kernels), scene.view());
      EXPECT_TRUE(actual == expected) << kernels << " on " << scene.name;
      compared += expected.keypoints.size();
    }
  }
  EXPECT_GT(compared, 1000U);
}

std::uint64_t hash(const Features& features) {
  std::uint64_t sum = 0xcbf29ce484222325;  // FNV-1a, of 32-bit words
  const auto add = [&sum](std::uint32_t word) { sum = (sum ^ word) * 0x100000001b3; };
  for (const SiftKeypoint& k : features.keypoints) {
    for (const float value : {k.x, k.y, k.size, k.angle, k.response}) {
      add(std::bit_cast<std::uint32_t>(value));
    }
    add(static_cast<std::uint32_t>(k.octave));
  }
  std::for_each(features.descriptors.begin(), features.descriptors.end(), add);
  return sum;
}

// A scene made of integers is the same everywhere, and so its features have to be.
TEST(SiftKernels, GiveTheSameOnEveryArchitecture) {
  const Features of_noise = run_sift({}, noise(400, 300, 18).view());
  EXPECT_GT(of_noise.keypoints.size(), 300U);
  EXPECT_EQ(hash(of_noise), 0x9e85ec9bd16b0199U);
}

TEST(SiftKernels, GiveTheSameWithUnusualOptions) {
  const Scene scene = blobs(173, 115, 11);
  for (const int layers : {1, 2, 4, 8}) {
    for (const double sigma : {1.0, 1.6, 2.3}) {
      SiftOptions options = with_kernels("plain");
      options.octave_layers = layers;
      options.sigma = sigma;
      options.contrast_threshold = 0.02;
      const Features expected = run_sift(options, scene.view());
      EXPECT_FALSE(expected.keypoints.empty()) << layers << ' ' << sigma;
      for (const std::string_view kernels : sift_kernels()) {
        options.kernels = kernels;
        EXPECT_TRUE(run_sift(options, scene.view()) == expected)
            << kernels << ' ' << layers << ' ' << sigma;
      }
    }
  }
}

TEST(SiftMemory, OfKeptLayersDoesNotChangeTheResult) {
  for (const Scene& scene : scenes()) {
    SiftOptions options;
    const Features expected = run_sift(options, scene.view());
    for (const std::size_t kept : {std::size_t{0}, std::size_t{100000}, std::size_t{1} << 30}) {
      options.kept_octave_bytes = kept;
      EXPECT_TRUE(run_sift(options, scene.view()) == expected) << kept << " on " << scene.name;
    }
  }
}

TEST(Sift, GivesTheSameWhenReusedForOtherImages) {
  Sift sift(SiftOptions{});
  for (int round = 0; round < 2; ++round) {
    for (const Scene& scene : scenes()) {
      Features actual;
      sift.detect_and_compute(scene.view(), actual);
      EXPECT_TRUE(actual == run_sift(SiftOptions{}, scene.view())) << scene.name;
    }
  }
}

// Wherever memory runs out, the next image is not affected.
TEST(Sift, IsAsNewAfterAFailedAllocation) {
  const Scene first = blobs(160, 120, 17);
  const Scene next = blobs(140, 150, 18);  // another, as duplicates of its own would be dropped
  for (const int threads : {1, 2}) {
    SiftOptions options;
    options.threads = threads;
    const Features expected_first = run_sift(options, first.view());
    const Features expected = run_sift(options, next.view());
    ASSERT_FALSE(expected.keypoints.empty());
    int successes = 0;
    for (bool failed = true; failed; successes += 1 + successes / 16) {
      Sift sift(options);
      Features features;
      fail_allocation_after(successes);
      try {
        sift.detect_and_compute(first.view(), features);
        EXPECT_TRUE(features == expected_first) << "a thread was done without";
      } catch (const std::bad_alloc&) {
      }
      failed = allocation_has_failed();
      fail_allocation_after(-1);
      sift.detect_and_compute(next.view(), features);
      ASSERT_TRUE(features == expected) << "after " << successes << " allocations";
    }
    EXPECT_GT(successes, 50);
  }
}

TEST(Sift, ReadsRowsByTheirStride) {
  const Scene scene = blobs(150, 110, 14);
  Scene wide{"wide", 200, 110, std::vector<std::uint8_t>(std::size_t{200} * 110, 3)};
  for (std::ptrdiff_t y = 0; y < 110; ++y) {
    std::copy_n(scene.pixels.begin() + y * 150, 150, wide.pixels.begin() + y * 200 + 50);
  }
  EXPECT_TRUE(run_sift({}, {wide.pixels.data() + 50, 150, 110, 200}) == run_sift({}, scene.view()));
}

TEST(Sift, FindsNothingInSmallAndConstantImages) {
  for (int width = 0; width <= 3; ++width) {
    for (int height = 0; height <= 3; ++height) {
      EXPECT_TRUE(run_sift({}, constant(width, height, 9).view()).keypoints.empty());
    }
  }
  EXPECT_TRUE(run_sift({}, constant(100, 80, 200).view()).keypoints.empty());
}

TEST(SiftOptions, KeepTheBestAndTheirTies) {
  const Scene scene = blobs(320, 240, 15);
  SiftOptions options;
  options.nfeatures = 0;
  const Features all = run_sift(options, scene.view());
  ASSERT_GT(all.keypoints.size(), 100U);
  std::vector<float> responses;
  for (const SiftKeypoint& keypoint : all.keypoints) {
    responses.push_back(keypoint.response);
  }
  std::sort(responses.rbegin(), responses.rend());
  for (const int count : {1, 50, 100}) {
    options.nfeatures = count;
    const Features best = run_sift(options, scene.view());
    const float least = responses[static_cast<std::size_t>(count - 1)];
    EXPECT_EQ(std::ssize(best.keypoints), std::count_if(responses.begin(), responses.end(),
                                                        [&](float r) { return r >= least; }));
    for (const SiftKeypoint& keypoint : best.keypoints) {
      EXPECT_GE(keypoint.response, least);
    }
  }
}

TEST(SiftOptions, FirstOctaveZeroSkipsTheDoubledImage) {
  const Scene scene = blobs(320, 240, 16);
  SiftOptions options = with_kernels("plain");
  options.first_octave = 0;
  const Features expected = run_sift(options, scene.view());
  ASSERT_FALSE(expected.keypoints.empty());
  for (const SiftKeypoint& keypoint : expected.keypoints) {
    EXPECT_GE(static_cast<std::int8_t>(keypoint.octave & 255), 0);
    EXPECT_GE(keypoint.x, 4.0F);
    EXPECT_LT(keypoint.x, 316.0F);
  }
  EXPECT_LT(expected.keypoints.size(), run_sift({}, scene.view()).keypoints.size());
  for (const std::string_view kernels : sift_kernels()) {
    options.kernels = kernels;
    options.kept_octave_bytes = 0;
    EXPECT_TRUE(run_sift(options, scene.view()) == expected) << kernels;
  }
}

TEST(SiftOptions, OutOfTheirRangeAreRefused) {
  const auto refuses = [](auto change) {
    SiftOptions options;
    change(options);
    EXPECT_THROW(Sift{options}, std::invalid_argument);
  };
  refuses([](SiftOptions& o) { o.nfeatures = -1; });
  refuses([](SiftOptions& o) { o.first_octave = 1; });
  refuses([](SiftOptions& o) { o.threads = 0; });
  refuses([](SiftOptions& o) { o.octave_layers = 0; });
  refuses([](SiftOptions& o) { o.octave_layers = 9; });
  refuses([](SiftOptions& o) { o.sigma = 0.5; });
  refuses([](SiftOptions& o) { o.edge_threshold = 0; });
  refuses([](SiftOptions& o) { o.kernels = "abacus"; });
}

}  // namespace
}  // namespace bundle_match::features

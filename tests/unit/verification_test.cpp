// Verification on planes and scenes whose geometry is known: what it finds.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/geometry/verification.hpp"

#include "errors.hpp"
#include "support/known_scenes.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bundle_match::geometry {
namespace {

using test::has_none;
using test::kBoth;
using test::kHomography;
using test::make_scene;
using test::run;
using test::Scene;
using test::within;

TEST(Homography, IsRecoveredAmongOutliers) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const Scene scene = make_scene(Verification::homography, 300, 300, 0.5, seed);
    const Verified verified = run(Verification::homography, scene.pairs, seed);
    ASSERT_FALSE(has_none(verified));
    EXPECT_EQ(verified.model[8], 1);
    // Where it takes the corners.
    for (const auto& [x, y] : {std::pair(0.F, 0.F), {1000.F, 0.F}, {0.F, 700.F}, {1000.F, 700.F}}) {
      const double w = kHomography[6] * x + kHomography[7] * y + 1;
      const PointPair corner{x, y, static_cast<float>((0.9 * x - 0.2 * y + 80) / w),
                             static_cast<float>((0.15 * x + 0.95 * y - 20) / w)};
      EXPECT_LT(homography_error(verified.model, corner), 1) << "squared";
    }
    EXPECT_TRUE(std::includes(verified.inliers.begin(), verified.inliers.end(), scene.good.begin(),
                              scene.good.end()));
  }
}

TEST(Homography, HasExactlyTheTruePairsWithoutNoise) {
  const Scene scene = make_scene(Verification::homography, 200, 200, 0, 11);
  const Verified verified = run(Verification::homography, scene.pairs, 1, 1);
  EXPECT_EQ(verified.inliers, within(Verification::homography, kHomography, scene.pairs, 1));
  EXPECT_EQ(verified.inliers, scene.good);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(verified.model[i], kHomography[i], 1e-3 * std::max(1.0, std::abs(kHomography[i])));
  }
}

TEST(Fundamental, IsRecoveredAmongOutliers) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const Scene scene = make_scene(Verification::fundamental, 300, 300, 0.5, seed);
    const Verified verified = run(Verification::fundamental, scene.pairs, seed);
    ASSERT_FALSE(has_none(verified));
    // Points of the same scene that were not seen are on its epipolar lines, too.
    const Scene unseen = make_scene(Verification::fundamental, 200, 0, 0, seed + 100);
    EXPECT_GE(within(Verification::fundamental, verified.model, unseen.pairs, 1.5).size(), 195U);
    EXPECT_GE(std::count_if(scene.good.begin(), scene.good.end(),
                            [&](std::uint32_t i) {
                              return std::binary_search(verified.inliers.begin(),
                                                        verified.inliers.end(), i);
                            }),
              297);
    EXPECT_LT(verified.inliers.size(), 300U + 25U);
  }
}

TEST(Fundamental, HasOneScaleAndSign) {
  const Scene scene = make_scene(Verification::fundamental, 200, 100, 0, 3);
  const Verified verified = run(Verification::fundamental, scene.pairs);
  ASSERT_FALSE(has_none(verified));
  const Model& f = verified.model;
  EXPECT_NEAR(std::inner_product(f.begin(), f.end(), f.begin(), 0.0), 1, 1e-12);
  EXPECT_EQ(*std::max_element(f.begin(), f.end()),
            std::abs(*std::max_element(
                f.begin(), f.end(), [](double a, double b) { return std::abs(a) < std::abs(b); })));
  EXPECT_NEAR(determinant(f), 0, 1e-9);
  // From the reference to the image: x_image^T F x_reference = 0.
  for (const std::uint32_t i : scene.good) {
    EXPECT_LT(fundamental_error(f, scene.pairs[i]), 1) << "squared";
  }
}

TEST(Inliers, AreAFunctionOfTheModel) {
  for (const Verification kind : kBoth) {
    const Scene scene = make_scene(kind, 150, 150, 2, 5);
    for (const double max_error_px : {2.0, 4.0, 8.0}) {
      const Verified verified = run(kind, scene.pairs, 1, max_error_px);
      ASSERT_FALSE(has_none(verified)) << to_string(kind) << max_error_px;
      EXPECT_EQ(verified.inliers, within(kind, verified.model, scene.pairs, max_error_px));
    }
  }
}

TEST(Inliers, CountAPairTwiceThatIsThereTwice) {
  for (const Verification kind : kBoth) {
    const Scene scene = make_scene(kind, 100, 50, 0.5, 8);
    std::vector<PointPair> twice = scene.pairs;
    twice.insert(twice.end(), scene.pairs.begin(), scene.pairs.end());
    const Verified once = run(kind, scene.pairs);
    const Verified doubled = run(kind, twice);
    EXPECT_EQ(doubled.model, once.model);
    EXPECT_EQ(doubled.inliers.size(), 2 * once.inliers.size());
  }
}

// All bytes of a result.
std::string bytes_of(const Verified& verified) {
  std::string bytes(reinterpret_cast<const char*>(verified.model.data()), sizeof verified.model);
  bytes.append(reinterpret_cast<const char*>(verified.inliers.data()),
               verified.inliers.size() * sizeof(std::uint32_t));
  return bytes;
}

std::string bytes_from_child(Verification kind, const std::vector<PointPair>& pairs) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string bytes = bytes_of(run(kind, pairs));
    const bool written = ::write(ends[1], bytes.data(), bytes.size()) == ssize_t(bytes.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string bytes;
  std::array<char, 4096> chunk;
  for (ssize_t got = 0; (got = ::read(ends[0], chunk.data(), chunk.size())) > 0;) {
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return bytes;
}

TEST(Result, IsAFunctionOfPointsOptionsAndSeed) {
  for (const Verification kind : kBoth) {
    // Few inliers: the search goes on long, and its end depends on chance.
    const Scene scene = make_scene(kind, 120, 280, 1.5, 21);
    const Scene other = make_scene(kind, 60, 60, 1.5, 22);
    const std::string expected = bytes_of(run(kind, scene.pairs));
    EXPECT_NE(expected, bytes_of(Verified{}));
    for (int i = 0; i < 20; ++i) {
      cv::theRNG().state = static_cast<std::uint64_t>(i) + 7;
      ASSERT_EQ(bytes_of(run(kind, scene.pairs)), expected) << to_string(kind) << " " << i;
      ASSERT_FALSE(has_none(run(kind, other.pairs)));
    }
    const int threads = cv::getNumThreads();
    cv::setNumThreads(1);
    EXPECT_EQ(bytes_of(run(kind, scene.pairs)), expected) << "on one thread";
    EXPECT_EQ(bytes_from_child(kind, scene.pairs), expected);
    EXPECT_EQ(bytes_from_child(kind, scene.pairs), expected);
    cv::setNumThreads(threads);
  }
}

TEST(Result, DependsOnAllOfTheSeed) {
  const Scene scene = make_scene(Verification::fundamental, 120, 280, 1.5, 21);
  const Verified first = run(Verification::fundamental, scene.pairs, 0);
  for (const int bit : {0, 29, 30, 59, 60, 63}) {
    EXPECT_NE(run(Verification::fundamental, scene.pairs, std::uint64_t{1} << bit), first) << bit;
  }
}

}  // namespace
}  // namespace bundle_match::geometry

// Conventions of COLMAP: positions, shapes, geometries from either side.
// SPDX-License-Identifier: Apache-2.0
#include "colmap_rows.hpp"

#include "support/export_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace bundle_match::exports {
namespace {

using Point = std::array<double, 3>;
constexpr double kOffset = 0.25;

Point times(const std::array<double, 9>& m, const Point& p) {
  return {m[0] * p[0] + m[1] * p[1] + m[2] * p[2], m[3] * p[0] + m[4] * p[1] + m[5] * p[2],
          m[6] * p[0] + m[7] * p[1] + m[8] * p[2]};
}

double epipolar(const std::array<double, 9>& f, const Point& first, const Point& second) {
  const Point line = times(f, first);
  return line[0] * second[0] + line[1] * second[1] + line[2] * second[2];
}

Point moved(const Point& p) { return {p[0] + kOffset, p[1] + kOffset, 1}; }

PairMatches pair_with(const std::vector<double>& model, Verification verification) {
  static const test::SamplePair sample{};
  return {"r", "i", sample.matches, verification, sample.inliers, model};
}

TEST(ColmapRows, MovesPositionsByHalfAPixelOrAQuarter) {
  EXPECT_EQ(pixel_offset(0), 0.5);
  EXPECT_EQ(pixel_offset(-1), 0.25);
}

TEST(ColmapRows, TurnsSizeAndAngleIntoAShape) {
  const std::vector<features::SiftKeypoint> keypoints = {{10, 20, 6, 90, 0, 0}, {1, 2, 4, 0, 0, 0}};
  const auto rows = keypoint_rows(keypoints, 0.5);
  ASSERT_EQ(rows.size(), 12u);
  const std::vector<float> expected = {10.5, 20.5, 0, -3, 3, 0, 1.5, 2.5, 2, 0, 0, 2};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_NEAR(rows[i], expected[i], 1e-6) << i;
  }
  EXPECT_TRUE(keypoint_rows({}, 0.5).empty());
}

TEST(ColmapRows, GuessesTheCameraFromTheSize) {
  EXPECT_EQ(camera_parameters(480, 641), (std::array<double, 4>{1.2 * 641, 240, 320.5, 0}));
}

TEST(ColmapRows, NumbersPairsFromEitherSideAlike) {
  EXPECT_EQ(pair_id(1, 2), 2147483649);
  EXPECT_EQ(pair_id(2, 1), 2147483649);
  // The largest there is, below 2^62.
  EXPECT_EQ(pair_id(2147483646, 2147483645), 4611686011984936961);
}

TEST(ColmapRows, MovesTheFundamentalMatrix) {
  const std::vector<double> f = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::array<double, 9> original{};
  std::copy(f.begin(), f.end(), original.begin());
  const Point reference = {3, 4, 1};
  const Point image = {-2, 7, 1};
  const double value = epipolar(original, reference, image);
  const auto straight = pair_rows(pair_with(f, Verification::fundamental), false, kOffset);
  EXPECT_EQ(straight.geometry->config, GeometryConfig::uncalibrated);
  EXPECT_NEAR(epipolar(straight.geometry->fundamental, moved(reference), moved(image)), value,
              1e-9);
  EXPECT_EQ(straight.geometry->homography, (std::array<double, 9>{}));
  const auto swapped = pair_rows(pair_with(f, Verification::fundamental), true, kOffset);
  EXPECT_NEAR(epipolar(swapped.geometry->fundamental, moved(image), moved(reference)), value, 1e-9);
}

TEST(ColmapRows, MovesTheHomography) {
  const std::vector<double> h = {1.5, 0.25, 3, -0.5, 2, 7, 0.001, 0.002, 1};
  std::array<double, 9> original{};
  std::copy(h.begin(), h.end(), original.begin());
  const Point reference = {30, 40, 1};
  Point image = times(original, reference);
  image = {image[0] / image[2], image[1] / image[2], 1};
  const auto expect_takes = [](const std::array<double, 9>& m, const Point& from, const Point& to) {
    const Point p = times(m, from);
    EXPECT_NEAR(p[0] / p[2], to[0], 1e-9);
    EXPECT_NEAR(p[1] / p[2], to[1], 1e-9);
  };
  const auto straight = pair_rows(pair_with(h, Verification::homography), false, kOffset);
  EXPECT_EQ(straight.geometry->config, GeometryConfig::planar_or_panoramic);
  expect_takes(straight.geometry->homography, moved(reference), moved(image));
  EXPECT_EQ(straight.geometry->fundamental, (std::array<double, 9>{}));
  const auto swapped = pair_rows(pair_with(h, Verification::homography), true, kOffset);
  expect_takes(swapped.geometry->homography, moved(image), moved(reference));
}

TEST(ColmapRows, TakesAHomographyWithoutInverse) {
  const std::vector<double> singular(9, 1.0);
  const auto rows = pair_rows(pair_with(singular, Verification::homography), true, kOffset);
  for (const double value : rows.geometry->homography) {
    EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(ColmapRows, SwapsRowsAndPicksInliers) {
  const std::vector<double> f(9, 1.0);
  const auto rows = pair_rows(pair_with(f, Verification::fundamental), true, kOffset);
  EXPECT_EQ(rows.matches, (std::vector<MatchedRows>{{2, 0}, {0, 1}, {4, 3}}));
  EXPECT_EQ(rows.geometry->inliers, (std::vector<MatchedRows>{{2, 0}, {4, 3}}));
}

TEST(ColmapRows, HasNoGeometryThatWasNotFound) {
  const auto rows = pair_rows(pair_with({}, Verification::fundamental), false, kOffset);
  EXPECT_EQ(rows.geometry->config, GeometryConfig::degenerate);
  EXPECT_TRUE(rows.geometry->inliers.empty());
  EXPECT_FALSE(pair_rows(pair_with({}, Verification::none), false, kOffset).geometry);
}

TEST(ColmapRows, RefusesWhatIsNoPair) {
  EXPECT_THROW(
      static_cast<void>(pair_rows(pair_with({1, 2}, Verification::fundamental), false, kOffset)),
      std::invalid_argument);
  const std::vector<std::uint32_t> inliers = {3};
  PairMatches pair = pair_with({}, Verification::fundamental);
  pair.inliers = inliers;
  EXPECT_THROW(static_cast<void>(pair_rows(pair, false, kOffset)), std::invalid_argument);
}

}  // namespace
}  // namespace bundle_match::exports

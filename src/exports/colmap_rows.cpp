// COLMAP's conventions, after src/feature/types.cc and src/base/database.cc of its 3.8.
// SPDX-License-Identifier: Apache-2.0
#include "colmap_rows.hpp"

#include "arguments.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace bundle_match::exports {
namespace {

using Matrix = std::array<double, 9>;  // row-major

// M T^-1, where T moves points by `offset` to the right and down.
Matrix from_moved_points(Matrix m, double offset) {
  for (std::size_t row = 0; row < 9; row += 3) {
    m[row + 2] -= offset * (m[row] + m[row + 1]);
  }
  return m;
}

Matrix transposed(const Matrix& m) {
  return {m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]};
}

// T^-T F T^-1: F takes a point to a line of the other image.
Matrix moved_fundamental(const Matrix& f, double offset) {
  return transposed(from_moved_points(transposed(from_moved_points(f, offset)), offset));
}

// T H T^-1: H takes a point to a point.
Matrix moved_homography(const Matrix& h, double offset) {
  Matrix m = from_moved_points(h, offset);
  for (std::size_t column = 0; column < 3; ++column) {
    m[column] += offset * m[6 + column];
    m[3 + column] += offset * m[6 + column];
  }
  return m;
}

// Up to a factor, which is chosen so that the last entry is 1 if it can be. By the adjugate, which
// is finite also where there is no inverse.
Matrix inverse(const Matrix& m) {
  Matrix adjugate = {
      m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
      m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
      m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
  const double last = adjugate[8];
  if (last != 0) {
    std::ranges::for_each(adjugate, [last](double& value) { value /= last; });
  }
  return adjugate;
}

GeometryRow geometry_row(const PairMatches& pair, const std::vector<MatchedRows>& matches,
                         bool swap, double offset) {
  GeometryRow row;
  if (pair.model.empty()) {
    return row;
  }
  for (const std::uint32_t position : pair.inliers) {
    row.inliers.push_back(matches[position]);
  }
  Matrix model{};
  std::ranges::copy(pair.model, model.begin());
  if (pair.verification == Verification::homography) {
    row.config = GeometryConfig::planar_or_panoramic;
    row.homography = moved_homography(swap ? inverse(model) : model, offset);
  } else {
    row.config = GeometryConfig::uncalibrated;
    row.fundamental = moved_fundamental(swap ? transposed(model) : model, offset);
  }
  return row;
}

}  // namespace

std::array<double, 4> camera_parameters(std::uint32_t width, std::uint32_t height) {
  return {1.2 * std::max(width, height), width / 2.0, height / 2.0, 0.0};
}

double pixel_offset(std::int32_t first_octave) {
  constexpr double kCentre = 0.5;         // of the first pixel, in COLMAP; here it is 0
  constexpr double kDoubledImage = 0.25;  // how far positions are off that were found in it
  return first_octave < 0 ? kCentre - kDoubledImage : kCentre;
}

std::vector<float> keypoint_rows(std::span<const features::SiftKeypoint> keypoints, double offset) {
  std::vector<float> rows;
  rows.reserve(keypoints.size() * kKeypointColumns);
  for (const features::SiftKeypoint& keypoint : keypoints) {
    const double scale = keypoint.size / 2.0;
    const double angle = keypoint.angle * std::numbers::pi / 180;
    const auto along = static_cast<float>(scale * std::cos(angle));
    const auto across = static_cast<float>(scale * std::sin(angle));
    rows.insert(rows.end(),
                {static_cast<float>(keypoint.x + offset), static_cast<float>(keypoint.y + offset),
                 along, -across, across, along});
  }
  return rows;
}

std::int64_t pair_id(ImageId a, ImageId b) { return std::min(a, b) * kMaxImages + std::max(a, b); }

PairRows pair_rows(const PairMatches& pair, bool swap, double offset) {
  check_pair(pair);
  PairRows rows;
  rows.matches.assign(pair.matches.begin(), pair.matches.end());
  if (swap) {
    std::ranges::for_each(rows.matches, [](MatchedRows& m) { std::swap(m.reference, m.image); });
  }
  if (pair.verification != Verification::none) {
    rows.geometry = geometry_row(pair, rows.matches, swap, offset);
  }
  return rows;
}

}  // namespace bundle_match::exports

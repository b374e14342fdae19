// The contents of the rows of COLMAP's tables. Knows nothing of SQLite.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/exports/exporter.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bundle_match::exports {

/// From 1.
using ImageId = std::int64_t;
/// COLMAP's bound on image ids, and the factor of its pair ids.
inline constexpr ImageId kMaxImages = 2147483647;

/// Columns of a row of keypoints: x, y, a11, a12, a21, a22.
inline constexpr std::int64_t kKeypointColumns = 6;

/// f, cx, cy, k of the model SIMPLE_RADIAL, of which the images' sizes alone are known.
inline constexpr std::int64_t kSimpleRadial = 2;
[[nodiscard]] std::array<double, 4> camera_parameters(std::uint32_t width, std::uint32_t height);

/// What is added to the positions of features, and models are moved by, to be COLMAP's.
[[nodiscard]] double pixel_offset(std::int32_t first_octave);

/// n x kKeypointColumns: the position and the matrix that takes the unit circle to the keypoint's,
/// of radius size / 2, turned by the angle.
[[nodiscard]] std::vector<float> keypoint_rows(std::span<const features::SiftKeypoint> keypoints,
                                               double offset);

/// The key of a pair, the same from both sides; the ids differ.
[[nodiscard]] std::int64_t pair_id(ImageId a, ImageId b);

/// COLMAP's values of two_view_geometries.config.
enum class GeometryConfig : std::uint8_t {
  degenerate = 1,
  uncalibrated = 3,
  planar_or_panoramic = 6
};

/// A row of two_view_geometries: E, qvec and tvec are zeros.
struct GeometryRow {
  GeometryConfig config = GeometryConfig::degenerate;
  std::vector<MatchedRows> inliers;
  std::array<double, 9> fundamental{};  ///< row-major
  std::array<double, 9> homography{};   ///< row-major
};

/// A pair as COLMAP has it, `reference` in the place of the image of the lower id.
struct PairRows {
  std::vector<MatchedRows> matches;
  std::optional<GeometryRow> geometry;  ///< if it was verified
};

/// `swap`: the reference has the higher id. Throws std::invalid_argument as check_pair() does.
[[nodiscard]] PairRows pair_rows(const PairMatches& pair, bool swap, double offset);

}  // namespace bundle_match::exports

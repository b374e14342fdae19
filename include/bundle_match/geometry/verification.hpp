// Verifies matches: positions in, a homography or fundamental matrix and its inliers out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace bundle_match::geometry {

/// Positions of one match in the reference and in the image, in pixels of each.
struct PointPair {
  float reference_x = 0;
  float reference_y = 0;
  float image_x = 0;
  float image_y = 0;

  friend bool operator==(const PointPair&, const PointPair&) = default;
};

struct VerifyOptions {
  Verification model = Verification::fundamental;
  /// Of an inlier. For a homography, the distance in the image between where the point of the
  /// reference is taken and where it was matched, as in cv::findHomography; for F, Sampson's
  /// (Hartley and Zisserman, section 11.4.3), as in COLMAP. The inliers are all pairs within it,
  /// but for those at which the homography mirrors.
  double max_error_px = 4;
  /// The result is a function of points, options and seed alone (on one kind of CPU: OpenCV's
  /// linear algebra rounds in other ways on others).
  std::uint64_t seed = 0;
};

struct Verified {
  std::vector<std::uint32_t> inliers;  ///< positions in the span, ascending; empty without a model
  /// 3 x 3, row-major: the homography that takes points of the reference to the image (last entry
  /// 1), or F with x_image^T F x_reference = 0 (Frobenius norm 1, its entry of the largest
  /// magnitude positive); all 0 if there is none.
  std::array<double, 9> model{};

  friend bool operator==(const Verified&, const Verified&) = default;
};

/// MAGSAC++ (Barath et al., CVPR 2020) as in OpenCV's USAC. There is no model if the pairs are too
/// few (5 different ones for a homography, 8 for F), if one is not finite or beyond 2^24, if the
/// inliers are on a line, or if as many could well agree by chance (src/geometry/chance.hpp).
/// Throws std::bad_alloc alone.
[[nodiscard]] Verified verify(std::span<const PointPair> points, const VerifyOptions& options);

}  // namespace bundle_match::geometry

// Errors of a pair of points under a homography or a fundamental matrix.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/geometry/verification.hpp"

#include <array>
#include <limits>

namespace bundle_match::geometry {

/// Row-major, 3 x 3.
using Model = std::array<double, 9>;

inline double determinant(const Model& m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
         m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/// Squared, in pixels of the image. Infinite where the homography mirrors what it takes to the
/// image (its Jacobian's determinant there is its own over w cubed), which no camera does to a
/// surface that is seen from the same side.
inline double homography_error(const Model& h, const PointPair& pair) {
  const double x = pair.reference_x;
  const double y = pair.reference_y;
  const double w = h[6] * x + h[7] * y + h[8];
  if (!(w * determinant(h) > 0)) {
    return std::numeric_limits<double>::infinity();
  }
  const double dx = (h[0] * x + h[1] * y + h[2]) / w - pair.image_x;
  const double dy = (h[3] * x + h[4] * y + h[5]) / w - pair.image_y;
  return dx * dx + dy * dy;
}

/// Sampson's, squared.
inline double fundamental_error(const Model& f, const PointPair& pair) {
  const double x = pair.reference_x;
  const double y = pair.reference_y;
  const double u = pair.image_x;
  const double v = pair.image_y;
  // The line of the reference's point in the image, and that of the image's in the reference.
  const double a = f[0] * x + f[1] * y + f[2];
  const double b = f[3] * x + f[4] * y + f[5];
  const double c = f[6] * x + f[7] * y + f[8];
  const double d = f[0] * u + f[3] * v + f[6];
  const double e = f[1] * u + f[4] * v + f[7];
  const double residual = u * a + v * b + c;
  return residual * residual / (a * a + b * b + d * d + e * e);
}

/// NaN where there is no such error; it is not within any.
inline double squared_error(Verification kind, const Model& model, const PointPair& pair) {
  return kind == Verification::homography ? homography_error(model, pair)
                                          : fundamental_error(model, pair);
}

}  // namespace bundle_match::geometry

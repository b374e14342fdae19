// Estimates whether as many pairs would agree with a model by chance.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/geometry/verification.hpp"
#include "errors.hpp"

#include <span>

namespace bundle_match::geometry {

/// Pairs that a model needs at least: what determines it.
constexpr int sample_size(Verification kind) { return kind == Verification::homography ? 4 : 7; }

/// The decimal logarithm of how many models with as many inliers are to be expected among all that
/// unrelated pairs give ("number of false alarms", Moisan and Stival, IJCV 2004):
/// (n - s) C(n, k) C(k, s) p^(k - s) for k of n pairs and samples of s. The probability p that a
/// pair agrees is measured: points are paired with those of other matches, so that text on lines,
/// clusters of points and models that take everything to one place are accounted for.
[[nodiscard]] double log10_false_alarms(Verification kind, const Model& model,
                                        std::span<const PointPair> pairs, double max_error_px);

}  // namespace bundle_match::geometry

// Keypoints of the rows that match.
// SPDX-License-Identifier: Apache-2.0
#include "matched_points.hpp"

namespace bundle_match::compute {

std::vector<MatchedPoints> matched_points(const PairOutcome& outcome,
                                          const features::DescribedView& reference,
                                          const features::DescribedView& image) {
  std::vector<MatchedPoints> points;
  points.reserve(outcome.matched.size());
  for (const MatchedRows& rows : outcome.matched) {
    const features::SiftKeypoint& a = reference.keypoints[rows.reference];
    const features::SiftKeypoint& b = image.keypoints[rows.image];
    points.push_back({a.x, a.y, b.x, b.y, false});
  }
  for (const std::uint32_t position : outcome.inlier_positions) {
    points[position].inlier = true;
  }
  return points;
}

bool BestCounts::take(std::uint32_t count) {
  if (count == 0 || (counts_.size() == kDrawnInReport && count <= *counts_.begin())) {
    return false;
  }
  counts_.insert(count);
  if (counts_.size() > kDrawnInReport) {
    counts_.erase(counts_.begin());
  }
  return true;
}

}  // namespace bundle_match::compute

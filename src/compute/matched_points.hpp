// Where the matches of a pair are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/features/feature_set.hpp"

#include <cstdint>
#include <set>
#include <vector>

namespace bundle_match::compute {

/// Of an outcome with the rows that match.
[[nodiscard]] std::vector<MatchedPoints> matched_points(const PairOutcome& outcome,
                                                        const features::DescribedView& reference,
                                                        const features::DescribedView& image);

/// Which images may be among the best kDrawnInReport of the run, as far as this process knows.
class BestCounts {
 public:
  /// Whether the count is; then it counts from now on.
  [[nodiscard]] bool take(std::uint32_t count);

 private:
  std::multiset<std::uint32_t> counts_;
};

}  // namespace bundle_match::compute

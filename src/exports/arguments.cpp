// Checks of the arguments that callers pass to exporters.
// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace bundle_match::exports {

void check_pair(const PairMatches& pair) {
  if (!pair.model.empty() && pair.model.size() != 9) {
    throw std::invalid_argument("a model that is not 3 x 3");
  }
  const std::size_t matches = pair.matches.size();
  if (std::ranges::any_of(pair.inliers, [matches](auto i) { return i >= matches; })) {
    throw std::invalid_argument("inliers that are no matches");
  }
}

}  // namespace bundle_match::exports

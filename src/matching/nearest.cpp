// From nearest neighbours to matches: the cross checks.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/nearest.hpp"

#include <cstdint>

namespace bundle_match::matching {

std::vector<Match> mutual_matches(const NearestNeighbours& nearest) {
  std::vector<Match> matches;
  for (std::uint32_t i = 0; i < nearest.of_query.size(); ++i) {
    const Nearest& best = nearest.of_query[i];
    if (best.index != kNone && nearest.of_train[best.index].index == i) {
      matches.push_back({i, best.index, best.distance});
    }
  }
  return matches;
}

std::vector<Match> one_way_matches(const NearestNeighbours& nearest) {
  std::vector<Nearest> closest(nearest.of_query.size());
  for (std::uint32_t j = 0; j < nearest.of_train.size(); ++j) {
    const Nearest& best = nearest.of_train[j];
    if (best.index != kNone && best.distance < closest[best.index].distance) {
      closest[best.index].index = j;
      closest[best.index].distance = best.distance;
    }
  }
  std::vector<Match> matches;
  for (std::uint32_t i = 0; i < closest.size(); ++i) {
    if (closest[i].index != kNone) {
      matches.push_back({i, closest[i].index, closest[i].distance});
    }
  }
  return matches;
}

}  // namespace bundle_match::matching

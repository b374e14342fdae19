// From nearest neighbours to matches: the filter and the cross checks.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/nearest.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace bundle_match::matching {
namespace {

/// A MatchFilter in integers, so that no rounding decides. The ratio counts in millionths: its
/// square is at most 1.96 * 10^12, and times a squared distance, at most 8,323,200, it is below
/// 2^64.
class ExactFilter {
 public:
  explicit ExactFilter(const MatchFilter& filter) {
    if (filter.max_ratio > 0) {
      // The nearest is never farther than the second: beyond 1 only "both are 0" is refused.
      const double ratio = std::min(filter.max_ratio, 1.4);
      const auto millionths = static_cast<std::uint64_t>(std::llround(ratio * 1e6));
      has_ratio_ = true;
      ratio_squared_ = millionths * millionths;
    }
    // The square of a distance with up to 4 decimals is a whole number only if the distance is one,
    // and is then exact; else it is 10^-8 or more away from one, and rounding moves it by less.
    if (filter.max_distance > 0 && filter.max_distance < kBeyondAny) {
      max_squared_ = static_cast<std::uint32_t>(filter.max_distance * filter.max_distance);
    }
  }

  [[nodiscard]] bool passes(const Nearest& best) const {
    return best.index != kNone && best.distance <= max_squared_ &&
           (!has_ratio_ || best.second_distance == kNone ||
            kMillionSquared * best.distance < ratio_squared_ * best.second_distance);
  }

 private:
  static constexpr double kBeyondAny = 2886;  // 2885 < 255 * sqrt(128) < 2886
  static constexpr std::uint64_t kMillionSquared = 1'000'000'000'000;

  bool has_ratio_ = false;
  std::uint64_t ratio_squared_ = 0;  // in millionths squared
  std::uint32_t max_squared_ = kNone;
};

}  // namespace

std::vector<Match> mutual_matches(const NearestNeighbours& nearest, const MatchFilter& filter) {
  const ExactFilter exact(filter);
  std::vector<Match> matches;
  for (std::uint32_t i = 0; i < nearest.of_query.size(); ++i) {
    const Nearest& best = nearest.of_query[i];
    if (exact.passes(best) && nearest.of_train[best.index].index == i &&
        exact.passes(nearest.of_train[best.index])) {
      matches.push_back({i, best.index, best.distance});
    }
  }
  return matches;
}

std::vector<Match> one_way_matches(const NearestNeighbours& nearest, const MatchFilter& filter) {
  const ExactFilter exact(filter);
  std::vector<Nearest> closest(nearest.of_query.size());
  for (std::uint32_t j = 0; j < nearest.of_train.size(); ++j) {
    const Nearest& best = nearest.of_train[j];
    if (exact.passes(best) && best.distance < closest[best.index].distance) {
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

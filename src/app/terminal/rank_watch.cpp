// Finds ranks whose image takes far longer than the median.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/rank_watch.hpp"

#include <algorithm>

namespace bundle_match::app {
namespace {

constexpr double kUnusual = 10;
constexpr double kNeverUnusual_s = 1;
constexpr std::size_t kEnoughImages = 10;

}  // namespace

void RankWatch::begin(Rank rank, Clock::time_point now) { ranks_.at(rank) = {now, true, false}; }

void RankWatch::rest(Rank rank) { ranks_.at(rank) = {}; }

void RankWatch::count(double image_ms) {
  ++counted_;
  times_ms_(image_ms);
}

double RankWatch::seconds_at_image(Rank rank, Clock::time_point now) const {
  const WatchedRank& it = ranks_.at(rank);
  return it.at_work ? std::chrono::duration<double>(now - it.since).count() : 0;
}

double RankWatch::median_ms() const {
  return counted_ > 0 ? boost::accumulators::median(times_ms_) : 0;
}

std::vector<Rank> RankWatch::newly_slow(Clock::time_point now) {
  std::vector<Rank> slow;
  if (counted_ < kEnoughImages) {
    return slow;
  }
  const double limit_s = std::max(kUnusual * median_ms() / 1000, kNeverUnusual_s);
  for (const Rank rank : ranks_.ids()) {
    if (!ranks_.at(rank).told && seconds_at_image(rank, now) > limit_s) {
      ranks_.at(rank).told = true;
      slow.push_back(rank);
    }
  }
  return slow;
}

}  // namespace bundle_match::app

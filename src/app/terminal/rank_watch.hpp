// Measures how long each rank has been at its image, and finds unusual times. Pure: knows no clock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"

#include <boost/accumulators/accumulators.hpp>
#include <boost/accumulators/statistics/median.hpp>
#include <boost/accumulators/statistics/stats.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

namespace bundle_match::app {

class RankWatch {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RankWatch(std::size_t ranks) : ranks_(ranks) {}

  /// The rank begins an image.
  void begin(Rank rank, Clock::time_point now);
  /// The rank has nothing to do.
  void rest(Rank rank);
  /// An image took so long, in milliseconds.
  void count(double image_ms);

  /// Seconds since the rank began its image; 0 if it rests.
  [[nodiscard]] double seconds_at_image(Rank rank, Clock::time_point now) const;
  /// Of all images counted, in milliseconds (estimated, Jain and Chlamtac's P^2); 0 if none was.
  [[nodiscard]] double median_ms() const;

  /// Ranks that have been at one image for more than ten times the median, each once an image. None
  /// before ten images were counted, or within a second.
  [[nodiscard]] std::vector<Rank> newly_slow(Clock::time_point now);

 private:
  struct WatchedRank {
    Clock::time_point since;
    bool at_work = false;
    bool told = false;
  };

  ById<Rank, WatchedRank> ranks_;
  std::size_t counted_ = 0;
  boost::accumulators::accumulator_set<double,
                                       boost::accumulators::stats<boost::accumulators::tag::median>>
      times_ms_;
};

}  // namespace bundle_match::app

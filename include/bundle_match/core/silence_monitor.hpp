// Finds the ranks that have been silent for too long. Knows no clock: times come as arguments.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace bundle_match {

/// How often a rank says that it is alive when it has nothing else to say.
inline constexpr std::chrono::seconds kAliveEvery{2};

/// The same to one that takes it for lost after `timeout`; 0: never. Several go out in that time,
/// so that one which is late does no harm.
[[nodiscard]] constexpr std::chrono::steady_clock::duration alive_every(
    std::chrono::steady_clock::duration timeout) {
  constexpr std::chrono::steady_clock::duration kLongest = kAliveEvery;
  return timeout.count() > 0 && timeout / 8 < kLongest ? timeout / 8 : kLongest;
}

class SilenceMonitor {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// Watches ranks 0 .. ranks - 1, all heard `now`. A timeout of zero never finds anyone silent.
  SilenceMonitor(std::size_t ranks, Duration timeout, Time now);

  void heard(Rank rank, Time now);

  /// The ranks that were not heard for longer than the timeout. To be called often: if it was not
  /// for a while, this process itself was stopped (a suspended job), and so perhaps were the
  /// others; that time does not count as their silence.
  [[nodiscard]] std::vector<Rank> silent(Time now);

 private:
  Duration timeout_;
  Time last_look_;
  ById<Rank, Time> last_heard_;
};

}  // namespace bundle_match

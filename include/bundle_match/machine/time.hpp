// The time as machines are told it, and what they do at which intervals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace bundle_match::machine {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

/// Of an option, which may be any number. One that a duration cannot hold becomes thirty years.
[[nodiscard]] constexpr Duration from_seconds(double seconds) {
  constexpr double kLongest_s = 1e9;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(seconds, kLongest_s)));
}

/// How long images under way may still take once the run is asked to end.
inline constexpr std::chrono::seconds kGrace{3};

/// How long rank 0 waits for the last words of workers once ranks were lost.
inline constexpr std::chrono::seconds kFarewell{3};

}  // namespace bundle_match::machine

// Computes how long a rank sleeps between two looks for work: short at first, longer while nothing
// comes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace bundle_match {

/// Doubles from 50 us to 4 ms: an idle rank then spends about 1 % of a core on looking, and finds
/// work 2 ms after it came, on average. A rank that expects nothing may sleep longer.
class Backoff {
 public:
  [[nodiscard]] std::chrono::microseconds next(std::chrono::microseconds longest = kLongest) {
    const auto now = std::min(sleep_, longest);
    sleep_ = std::min(now * 2, longest);
    return now;
  }
  void reset() { sleep_ = kShortest; }

 private:
  static constexpr std::chrono::microseconds kShortest{50};
  static constexpr std::chrono::microseconds kLongest{4000};

  std::chrono::microseconds sleep_ = kShortest;
};

}  // namespace bundle_match

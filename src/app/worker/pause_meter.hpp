// The longest time that a rank's loop has spent between two waits: so long it heard nobody.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace bundle_match::app {

class PauseMeter {
 public:
  using Clock = std::chrono::steady_clock;

  /// The loop has woken up.
  void begin(Clock::time_point now) { since_ = now; }
  /// The loop is about to wait.
  void end(Clock::time_point now) { longest_ = std::max(longest_, now - since_); }

  [[nodiscard]] double longest_ms() const {
    return std::chrono::duration<double, std::milli>(longest_).count();
  }

 private:
  Clock::time_point since_ = Clock::now();
  Clock::duration longest_{};
};

}  // namespace bundle_match::app

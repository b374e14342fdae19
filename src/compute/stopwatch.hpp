// Milliseconds since it was made.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace bundle_match::compute {

class Stopwatch {
 public:
  [[nodiscard]] float milliseconds() const {
    return std::chrono::duration<float, std::milli>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace bundle_match::compute

// How many tasks a rank is given ahead, from the time that tasks have taken so far.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace bundle_match::machine {

/// A rank holds the task that it works on, and others that take it 50 ms together: so it does not
/// wait for the next message, and long tasks do not wait behind each other.
class CreditMeter {
 public:
  static constexpr double kWorkAhead_ms = 50;
  static constexpr std::size_t kMostAhead = 512;

  /// A task took so long. Returns the credit of ranks from now on.
  [[nodiscard]] std::size_t add(double elapsed_ms) {
    ++tasks_;
    elapsed_ms_ += elapsed_ms;
    const double ahead = kWorkAhead_ms * static_cast<double>(tasks_) / elapsed_ms_;
    return 1 + static_cast<std::size_t>(std::clamp(ahead, 1.0, static_cast<double>(kMostAhead)));
  }

 private:
  std::size_t tasks_ = 0;
  double elapsed_ms_ = 0;
};

}  // namespace bundle_match::machine

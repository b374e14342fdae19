// The progress of a run: done, failed, images/s, time left.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command/command_line.hpp"
#include "terminal/console.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace bundle_match::app {

struct ProgressState {
  const char* stage = "";       ///< of the run; empty: matching
  const char* unit = "images";  ///< what is counted
  std::size_t items = 0;
  std::size_t done = 0;
  std::size_t failed = 0;
  std::size_t done_before = 0;  ///< of `done`: by an earlier run
  double elapsed_s = 0;         ///< since the first image was handed out
};

/// "12/47 images, 1 failed, 14.2 images/s, 0:02 left"
[[nodiscard]] std::string progress_text(const ProgressState& state);

/// The same within so many columns, behind a bar if there is room for one.
[[nodiscard]] std::string progress_line(const ProgressState& state, std::size_t columns);

/// "0:07", "12:34", "3:00:00"
[[nodiscard]] std::string duration_text(double seconds);

/// Shows the state from time to time, as the mode says.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  Progress(Console& console, ProgressMode mode, bool quiet);

  /// To be called often; draws when enough time has passed.
  void update(const ProgressState& state);
  /// Removes the status line.
  void finish();

 private:
  Console& console_;
  bool redraw_ = false;
  bool plain_ = false;
  Clock::time_point next_;
};

}  // namespace bundle_match::app

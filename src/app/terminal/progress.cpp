// Formats progress, and decides when to print it.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/progress.hpp"

#include "process/launch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace bundle_match::app {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{200};
constexpr std::chrono::seconds kPlainLineEvery{5};

constexpr std::size_t kLongestBar = 30;
constexpr std::size_t kShortestBar = 8;

}  // namespace

std::string duration_text(double seconds) {
  constexpr double kLongest = 1e9;
  const auto total = static_cast<long>(std::clamp(std::round(seconds), 0.0, kLongest));
  if (total >= 3600) {
    return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  }
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

std::string progress_text(const ProgressState& state) {
  std::string text = fmt::format("{}{}{}/{} {}", state.stage, *state.stage != '\0' ? ": " : "",
                                 state.done, state.items, state.unit);
  if (state.failed > 0) {
    text += fmt::format(", {} failed", state.failed);
  }
  if (state.done > state.done_before && state.elapsed_s > 0) {
    const double rate = static_cast<double>(state.done - state.done_before) / state.elapsed_s;
    text += fmt::format(", {:.1f} {}/s, {} left", rate, state.unit,
                        duration_text(static_cast<double>(state.items - state.done) / rate));
  }
  return text;
}

std::string progress_line(const ProgressState& state, std::size_t columns) {
  const std::string text = progress_text(state);
  const std::size_t around = text.size() + 3;  // brackets and a space
  const std::size_t width = std::min(kLongestBar, columns > around ? columns - around : 0);
  if (width < kShortestBar) {
    return text.substr(0, columns);
  }
  const std::size_t done = state.items > 0 ? std::min(state.done, state.items) : 0;
  const std::size_t filled = state.items > 0 ? width * done / state.items : 0;
  return fmt::format("[{}{}] {}", std::string(filled, '#'), std::string(width - filled, '.'), text);
}

Progress::Progress(Console& console, ProgressMode mode, bool quiet) : console_(console) {
  const bool wanted = mode == ProgressMode::always || (mode == ProgressMode::automatic && !quiet);
  // A line without a line break at its end would be mixed with the results.
  redraw_ = wanted && !launcher_mixes_streams() &&
            (mode == ProgressMode::always || find_terminal().present);
  plain_ = wanted && !redraw_;
  next_ = Clock::now() + (redraw_ ? Clock::duration::zero() : Clock::duration(kPlainLineEvery));
}

void Progress::update(const ProgressState& state) {
  if (!redraw_ && !plain_) {
    return;
  }
  const auto now = Clock::now();
  if (now < next_) {
    return;
  }
  if (redraw_) {
    // Looked at each time: it may have been resized. One column less: a full line would wrap, and
    // \r no longer reach its beginning.
    console_.set_status(progress_line(state, find_terminal().columns - 1));
    next_ = now + kRedrawEvery;
  } else {
    console_.log().info("{}", progress_text(state));
    next_ = now + kPlainLineEvery;
  }
}

void Progress::finish() { console_.set_status(""); }

}  // namespace bundle_match::app

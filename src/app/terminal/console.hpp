// Writes to standard error: messages, and a status line below them that redraws on a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <cstddef>
#include <memory>
#include <string>

namespace bundle_match::app {

/// Whether standard error ends at a terminal: itself, or through the launcher that started this
/// process (mpirun hands its ranks a pipe, and copies what comes out of it to its own).
struct Terminal {
  bool present = false;
  std::size_t columns = 80;
};
[[nodiscard]] Terminal find_terminal();

/// Whether messages are coloured: on a terminal that can, unless NO_COLOR (no-color.org) is set.
[[nodiscard]] bool wants_colour(const Terminal& terminal);

/// Messages go through log(); the status line is redrawn below them. May be used by several threads
/// at once.
class Console {
 public:
  explicit Console(bool verbose, bool quiet);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Each message is one line that begins with "bundle_match: ".
  [[nodiscard]] spdlog::logger& log() { return *logger_; }

  /// The text, highlighted if messages are coloured.
  [[nodiscard]] std::string emphasized(const std::string& text) const;

  /// Draws this line below the messages, in place of the one before; empty removes it.
  void set_status(const std::string& line);

 private:
  class Sink;
  bool coloured_;
  std::shared_ptr<Sink> sink_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace bundle_match::app

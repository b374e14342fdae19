// The command and the images it names, prepared on rank 0 before MPI starts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/pair_set.hpp"
#include "bundle_match/core/path_list.hpp"
#include "command/command_line.hpp"
#include "process/exit_code.hpp"
#include "terminal/console.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// Without `command` there is nothing to do but to leave with `exit_code`.
struct PreparedCommand {
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  ExitCode exit_code = ExitCode::all_matched;
  std::vector<std::string> arguments;  ///< of the command, as given
  std::optional<CommandLine> command;
  std::unique_ptr<Console> console;
  PathList references;  ///< empty if images are matched with each other
  PathList images;
  std::shared_ptr<const PairSet> pairs;      ///< if images are matched with each other
  std::vector<ImageIndex> reference_images;  ///< likewise: those of --reference
  LargeVector<ImageIndex> order;             ///< to hand the images out in
};

/// Reads the command line and the input, and prints what is wrong with them, at once.
[[nodiscard]] PreparedCommand prepare_command(int argc, const char* const* argv);

}  // namespace bundle_match::app

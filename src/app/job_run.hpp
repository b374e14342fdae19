// A whole run, from the ranks' point of view: what rank 0 does, and what the others do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/transport/link.hpp"
#include "command_line.hpp"
#include "console.hpp"
#include "exit_code.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// What rank 0 knows before MPI starts. Without `command` there is nothing to do but to leave with
/// `exit_code`.
struct Plan {
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  ExitCode exit_code = ExitCode::all_matched;
  std::vector<std::string> arguments;  ///< of the command, as given
  std::optional<CommandLine> command;
  std::unique_ptr<Console> console;
  PathList paths;
  std::vector<ImageIndex> order;  ///< to hand the images out in
};

/// Reads the command line and the input, and prints what is wrong with them, at once.
[[nodiscard]] Plan make_plan(int argc, const char* const* argv);

/// Rank 0's whole part after MPI has started. Every other rank is told whether to proceed.
[[nodiscard]] ExitCode run_rank_0(Plan plan, transport::Link& link,
                                  compute::ForkServer& fork_server);

/// Every other rank's part.
void run_other_rank(transport::Link& link, compute::ForkServer& fork_server);

}  // namespace bundle_match::app

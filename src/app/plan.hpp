// What rank 0 knows before MPI starts: the command, and the images it names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/core/work_plan.hpp"
#include "command_line.hpp"
#include "console.hpp"
#include "exit_code.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// Without `command` there is nothing to do but to leave with `exit_code`.
struct Plan {
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  ExitCode exit_code = ExitCode::all_matched;
  std::vector<std::string> arguments;  ///< of the command, as given
  std::optional<CommandLine> command;
  std::unique_ptr<Console> console;
  PathList references;  ///< empty: of all pairs, the images are
  PathList images;
  LargeVector<ImageIndex> order;  ///< to hand the images out in

  [[nodiscard]] WorkPlan work() const;
};

/// Reads the command line and the input, and prints what is wrong with them, at once.
[[nodiscard]] Plan make_plan(int argc, const char* const* argv);

/// Names every reference that is missing, before the first of them is described: the exit code if
/// one is.
[[nodiscard]] std::optional<ExitCode> check_references(const Plan& plan);

}  // namespace bundle_match::app

// Declares the options of the command to CLI11.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command/command_line.hpp"

#include <CLI/CLI.hpp>

namespace bundle_match::app {

/// Every option, bound to its field of `line`, which must outlive the parsing; each can also stand
/// in a file or in the environment.
void add_options(CLI::App& app, CommandLine& line);

}  // namespace bundle_match::app

// What makes two runs comparable: the parameters that a journal names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/journal.hpp"
#include "command/command_line.hpp"

#include <stdexcept>
#include <string>

namespace bundle_match::app {

/// The earlier run cannot be gone on with; the message says why and what to do.
class ResumeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What decides counts: two runs share results only if all of it is the same. Throws ResumeError if
/// the reference cannot be read.
[[nodiscard]] results::RunParameters run_parameters(const CommandLine& command,
                                                    const PathList& references);

/// "nfeatures was 5000 and is now 2000"
[[nodiscard]] std::string difference(const results::RunParameters& before,
                                     const results::RunParameters& now);

}  // namespace bundle_match::app

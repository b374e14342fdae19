// The command's exit codes, as README.md documents them, and how outcomes become them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/outcome.hpp"

namespace bundle_match::app {

enum class ExitCode : int {
  all_matched = 0,
  some_images_failed = 1,
  wrong_usage = 2,
  reference_unusable = 3,
  internal_error = 70,  // EX_SOFTWARE of sysexits.h
  interrupted = 75,     // EX_TEMPFAIL: the same command goes on from there
};

constexpr int to_int(ExitCode code) { return static_cast<int>(code); }

/// An output that cannot be written is for the user to mend, as a wrong command is.
[[nodiscard]] ExitCode exit_code_of(const Outcome& outcome);

}  // namespace bundle_match::app

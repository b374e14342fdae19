// The command's exit codes, as README.md documents them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace bundle_match::app

// `bundle_match summarize FILE`: prints a summary of a finished output, without MPI.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/report/report.hpp"
#include "process/exit_code.hpp"

#include <string>
#include <string_view>

namespace bundle_match::app {

/// Whether the command is this one.
[[nodiscard]] bool is_summarize(int argc, const char* const* argv);

/// Reads its own command line, prints, and writes the page if it was asked for.
[[nodiscard]] ExitCode summarize(int argc, const char* const* argv);

/// What the bytes of an output hold; `name` is that of its file. Throws results::ReadError.
[[nodiscard]] report::ReportData read_report(std::string_view bytes, const std::string& name);

/// The same as lines of text.
[[nodiscard]] std::string summary_text(const report::ReportData& data);

}  // namespace bundle_match::app

// After the work of a run: results, report, and what is said.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/results/result_table.hpp"
#include "exit_code.hpp"
#include "run_state.hpp"

#include <system_error>

namespace bundle_match::app {

/// Of a run whose images all have a result.
[[nodiscard]] ExitCode finished_code(const results::ResultTable& results);

/// Writes the results, and ends exports and journal. Throws std::system_error.
[[nodiscard]] ExitCode write_output(Run& run);

/// Says how far the run came, and ends the journal.
[[nodiscard]] ExitCode say_interrupted(Run& run);

/// Says that what the run writes cannot be written.
[[nodiscard]] ExitCode output_failed(const Run& run, const std::system_error& error);

/// Says and shows what came of a run whose results are written: summary, best images, report.
[[nodiscard]] ExitCode end_run(Run& run, ExitCode code);

}  // namespace bundle_match::app

// Before the work of a run: its files, and what is left to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/work_plan.hpp"
#include "exit_code.hpp"
#include "plan.hpp"
#include "run_state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// "8 ranks on 2 hosts"
[[nodiscard]] std::string hosts_text(const std::vector<std::string>& hosts);

/// What --dry-run prints: the images as they would be named in the results, then the ranks.
void print_dry_run(const Plan& plan, const std::vector<std::string>& hosts);

/// Opens all that is written but the journal, before the references, which may take a while. The
/// exit code if one of them cannot be written, which is told.
[[nodiscard]] std::optional<ExitCode> open_output(Run& run);

/// Opens the journal, and takes what it holds. The exit code if there is no going on with an
/// earlier run, or nothing left to do. Throws std::system_error.
[[nodiscard]] std::optional<ExitCode> open_journal(Run& run);

/// The tasks that are left to do, in the order to hand them out.
[[nodiscard]] LargeVector<TaskId> remaining_tasks(const Run& run);

/// The references whose features are needed, in the order to hand them out.
[[nodiscard]] LargeVector<TaskId> references_to_describe(const Run& run);

}  // namespace bundle_match::app

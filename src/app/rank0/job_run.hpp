// A whole run, from the ranks' point of view: what rank 0 does, and what the others do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/transport/link.hpp"
#include "command/prepared_command.hpp"
#include "process/exit_code.hpp"

namespace bundle_match::app {

/// Rank 0's whole part after MPI has started. Every other rank is told whether to proceed.
[[nodiscard]] ExitCode run_rank_0(PreparedCommand prepared, transport::Link& link,
                                  compute::ForkServer& fork_server);

/// Every other rank's part.
void run_other_rank(transport::Link& link, compute::ForkServer& fork_server);

}  // namespace bundle_match::app

// The compute process: takes orders from its rank's socket, computes, sends back reports.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::compute {

/// Exit status of a compute process that ran out of memory which an earlier image left fragmented:
/// the rank tries that image again in a fresh process.
inline constexpr int kNeedsFreshProcess = 77;

/// Runs until the rank closes the socket; returns the exit status. `job` is a file with an encoded
/// Job. The first report has no result and names the kernel; its reason says why the process is not
/// confined, if it should be.
[[nodiscard]] int run_compute_process(int socket, int job);

}  // namespace bundle_match::compute

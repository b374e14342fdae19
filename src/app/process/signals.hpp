// Signals that ask the job to end (SIGTERM, SIGINT, SIGUSR1) or to print its state (SIGUSR2).
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::app {

/// On rank 0, while there is nothing to keep: a signal ends the process at once, with
/// ExitCode::interrupted.
void end_at_once_on_signals();

/// On rank 0, once there is: the first such signal is counted, for the coordinator to see; the
/// second ends the process at once with ExitCode::interrupted (what the journal holds is in the
/// kernel's hands).
void count_end_signals();

/// On other ranks: they end when rank 0 says so. A launcher signals all ranks alike.
void ignore_end_signals();

/// Whether one has come since count_end_signals().
[[nodiscard]] bool end_requested();

/// Whether SIGUSR2 has come since the last call.
[[nodiscard]] bool state_requested();

}  // namespace bundle_match::app

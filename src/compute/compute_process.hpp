// The compute process: takes orders from its rank's socket, computes, sends back reports.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

namespace bundle_match::compute {

/// Exit status of a compute process that ran out of memory which an earlier image left fragmented:
/// the rank tries that image again in a fresh process.
inline constexpr int kNeedsFreshProcess = 77;

/// Where a compute process finds the files that its rank received for it, as paths it can open.
/// Two images, each with a mask.
inline constexpr int kReceivedFiles = 4;
[[nodiscard]] std::string received_file_path(int number);

/// What a compute process is given, as file descriptors.
struct ComputeProcessFiles {
  int socket = -1;
  int job = -1;                                   ///< an encoded Job
  int references = -1;                            ///< a set of features; -1: none yet
  std::array<int, kReceivedFiles> received = {};  ///< files received by MPI; the rank fills them
};

/// Runs until the rank closes the socket; returns the exit status. The first report has no result
/// and names the kernel; its reason says why the process is not confined, if it should be.
[[nodiscard]] int run_compute_process(const ComputeProcessFiles& files);

}  // namespace bundle_match::compute

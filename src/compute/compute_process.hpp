// The compute process: takes orders from its rank's socket, computes, sends back results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::compute {

/// Exit status of a compute process that ran out of memory which an earlier image left fragmented:
/// the rank tries that image again in a fresh process.
inline constexpr int kNeedsFreshProcess = 77;

/// Exit status of one that has to read an image with decoders that are not loaded: the rank tries
/// that image again in a process that has them.
inline constexpr int kNeedsDecoders = 78;

/// What a compute process is given, as file descriptors of any number.
struct ComputeProcessFiles {
  int socket = -1;
  int job = -1;         ///< an encoded Job
  int references = -1;  ///< a set of features; -1: none yet
};

/// Runs until the rank closes the socket; returns the exit status.
[[nodiscard]] int run_compute_process(const ComputeProcessFiles& files);

}  // namespace bundle_match::compute

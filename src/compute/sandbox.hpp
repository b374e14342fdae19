// Confinement of the process that decodes other people's files, through seccomp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bundle_match::compute {

/// Whether a process is confined, and if not, why not.
struct SandboxOutcome {
  bool confined = false;
  std::string reason;  ///< in words, if not confined
};

/// Takes from this process, all its threads and for good, everything but computing, memory, threads
/// of its own, reading files, and the file descriptors it already has. What it asks for beyond
/// fails with EPERM, or with ENOSYS where a library then falls back to an older call. Never throws;
/// without seccomp in the kernel the process runs on, gains no privileges, and is at most kept from
/// writing files and tracing by Landlock, which spares threads that run already.
[[nodiscard]] SandboxOutcome confine_process() noexcept;

}  // namespace bundle_match::compute

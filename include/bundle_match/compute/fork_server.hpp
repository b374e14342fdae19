// A small process that forks compute processes for its rank. It is started before MPI_Init and
// never touches MPI, as forking a process that holds MPI state is unsafe on several fabrics.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bundle_match::compute {

struct ComputeProcessFiles;

/// How a compute process ended.
struct ProcessEnd {
  bool known = false;   ///< false: it could not be ended within a few seconds
  int exit_status = 0;  ///< if it exited
  int signal = 0;       ///< if a signal ended it, else 0

  /// In words: "was killed by signal 11 (Segmentation fault)", "exited with status 1".
  [[nodiscard]] std::string describe() const;
};

/// The rank's handle of its fork server. One compute process at a time. The server and its compute
/// process end when the rank ends, however it ends.
class ForkServer {
 public:
  /// Forks the server; to be called before MPI_Init and before any thread is started. Throws
  /// std::system_error.
  ForkServer();
  /// Ends the server and its compute process.
  ~ForkServer();
  ForkServer(const ForkServer&) = delete;
  ForkServer& operator=(const ForkServer&) = delete;

  /// Has the server load what compute processes need; returns at once. Otherwise the first spawn()
  /// waits for it.
  void prepare();

  /// Forks a compute process with these files. Throws std::runtime_error if the server is gone or
  /// cannot fork.
  void spawn(const ComputeProcessFiles& files);

  /// Kills the compute process if it still runs and says how it ended. Throws std::runtime_error if
  /// the server is gone.
  ProcessEnd end_compute_process();

 private:
  int control_ = -1;  // socket to the server
  int pid_ = -1;
};

}  // namespace bundle_match::compute

// A small process that forks compute processes for its rank. It is started before MPI_Init and
// never touches MPI, as forking a process that holds MPI state is unsafe on several fabrics.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

namespace bundle_match::compute {

struct ComputeProcessFiles;

/// What came of a fork.
struct SpawnReply {
  int error = 0;  ///< errno of a failed fork; 0: the process runs
};

/// How a compute process ended.
struct ProcessEnd {
  bool known = false;   ///< false: it could not be ended within a few seconds
  int exit_status = 0;  ///< if it exited
  int signal = 0;       ///< if a signal ended it, else 0

  /// In words: "was killed by signal 11 (Segmentation fault)", "exited with status 1".
  [[nodiscard]] std::string describe() const;
};

using ForkServerReply = std::variant<SpawnReply, ProcessEnd>;

/// The rank's handle of its fork server. One compute process at a time. The server and its compute
/// process end when the rank ends, however it ends. No call but the constructor and the destructor
/// waits for anything; they throw std::runtime_error if the server is gone.
class ForkServer {
 public:
  /// Forks the server; to be called before MPI_Init and before any thread is started. Throws
  /// std::system_error.
  ForkServer();
  /// Ends the server and its compute process, and waits for that.
  ~ForkServer();
  ForkServer(const ForkServer&) = delete;
  ForkServer& operator=(const ForkServer&) = delete;

  /// Has the server load the decoders that compute processes from then on have
  /// (features/image_reader.hpp), if it has not yet.
  void load_decoders();

  /// Has the server fork a compute process with these files, which may be closed at once. Answer:
  /// SpawnReply.
  void request_spawn(const ComputeProcessFiles& files);

  /// Has the server kill the compute process, if it still runs, and find out how it ended. Answer:
  /// ProcessEnd, after some seconds if the process is stuck in the kernel.
  void request_end();

  /// The answer to the oldest request that has none yet, if it is there.
  [[nodiscard]] std::optional<ForkServerReply> try_reply();

  /// Readable when try_reply() is worth a call.
  [[nodiscard]] int socket() const { return control_.get(); }

  /// The answers to all requests so far are of no interest any more.
  void forget_requests() { forgotten_ = unanswered_; }

 private:
  UniqueFd control_;  // socket to the server
  int pid_ = -1;
  std::size_t unanswered_ = 0;  // requests
  std::size_t forgotten_ = 0;   // so many of them, the first
};

}  // namespace bundle_match::compute

// The rank's end of the socket to its compute process: frames on one side, the supervisor's events
// on the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/machine/process_events.hpp"
#include "frames.hpp"

#include <optional>
#include <span>

namespace bundle_match::compute {

/// Never waits.
class ProcessChannel {
 public:
  explicit ProcessChannel(UniqueFd socket)
      : socket_(std::move(socket)), reader_(socket_.get()), writer_(socket_.get()) {}

  /// Sends the order, with the files that were received for it. Throws std::system_error and
  /// std::length_error.
  void send(const ComputeOrder& order, std::span<const int> files);

  /// Sends the set of references from now on. Throws std::system_error.
  void send_references(int file);

  /// Sends the store of this host from now on: the file of memory, and that on disk, if there is
  /// one. Throws std::system_error.
  void send_store(std::span<const int> files);

  /// Sends what cores it may use beside its own from now on. Throws std::system_error.
  void send_cores(const LentCores& lent);

  /// Sends what is still to be sent, and reads what has arrived.
  void work();

  /// What the process says, of what was read: ProcessSaid, ProcessSaidNonsense or, at the end,
  /// ProcessClosed. A message is well-formed, and encoded features in it are features.
  [[nodiscard]] std::optional<machine::ProcessEvent> next();

  [[nodiscard]] int socket() const { return socket_.get(); }
  /// Whether work() is worth a call when the socket takes more.
  [[nodiscard]] bool is_sending() const { return writer_.waiting(); }

 private:
  UniqueFd socket_;
  FrameReader reader_;
  FrameWriter writer_;
};

}  // namespace bundle_match::compute

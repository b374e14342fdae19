// Files that orders carry, as they come in piece by piece.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <vector>

namespace bundle_match::compute {

/// Of one order, in files of memory.
struct ReceivedFiles {
  UniqueFd image;
  UniqueFd mask;  ///< not valid: there is none
};

/// Closes them on a thread: the last who closes a file of memory of a gigabyte waits until the
/// kernel has taken its pages back, for tenths of a second.
class FileCloser {
 public:
  /// Never waits.
  void close(ReceivedFiles files);

 private:
  void close_files(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<ReceivedFiles> files_;
  std::jthread thread_;  // last: it uses all of the above; there is none before the first file
};

/// No call takes longer than a piece is long: a whole file of many megabytes would keep the rank
/// from answering.
class FileCollector {
 public:
  /// Throws std::system_error if memory does not suffice.
  void append(const FilePiece& piece);

  /// All files of an order, whose pieces have come. Sealed, as the process that is given them may
  /// be taken over, and another may get them again. Throws std::runtime_error if one is missing.
  [[nodiscard]] ReceivedFiles take(OrderId order, const CarriedFiles& carried);

 private:
  std::unordered_map<OrderId, ReceivedFiles> files_;
};

}  // namespace bundle_match::compute

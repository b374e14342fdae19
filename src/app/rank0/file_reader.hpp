// Reads whole files for rank 0 to send, beside its main loop and within a bound of memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace bundle_match::app {

/// The longest file that is sent, in bytes: rank 0 and the rank that gets it hold it in memory.
inline constexpr std::uint64_t kLongestSentFile = std::uint64_t{1} << 30;

/// Bytes of a piece. Handling one takes a rank about a millisecond, in which it hears nobody.
inline constexpr std::size_t kFilePieceBytes = std::size_t{1} << 20;

/// An order for a rank, with the contents of its file and of its mask, or the result that there are
/// none.
struct ReadOrder {
  Rank rank;
  Order order;
  std::optional<OrderResult> failure;
  std::deque<FilePiece> pieces;  ///< to be sent before the order
  std::uint64_t bytes = 0;       ///< of these
};

class FileReader {
 public:
  /// Holds no more than `most_bytes` of files read and not sent, but always those of one order.
  /// Masks are looked for in `mask_dir` (features/preparation.hpp); empty: there are none.
  explicit FileReader(std::uint64_t most_bytes, std::string mask_dir = {});

  /// Queues an order; its file is read as soon as there is room.
  void submit(Rank rank, Order order);

  /// An order whose file was read, if there is one; never waits.
  [[nodiscard]] std::optional<ReadOrder> try_take();

  /// What others still hold of those taken. To be told often: all of it, until it is told.
  void tell_unsent(std::uint64_t bytes);

  /// Orders submitted and not taken.
  [[nodiscard]] std::size_t outstanding() const;

 private:
  void read_files(const std::stop_token& stop);

  const std::uint64_t most_bytes_;
  const std::string mask_dir_;
  mutable std::mutex mutex_;
  // Apart, so that an order is not announced to a thread that waits for room.
  std::condition_variable_any submitted_, room_;
  std::deque<ReadOrder> to_read_;
  std::deque<ReadOrder> read_;
  std::size_t being_read_ = 0;
  std::uint64_t held_bytes_ = 0;       // read, or about to be, and not taken
  std::uint64_t unsent_bytes_ = 0;     // taken
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace bundle_match::app

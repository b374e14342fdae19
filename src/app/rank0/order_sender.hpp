// Orders on their way to other ranks, with the image's file where that is asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/backoff.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/transport/link.hpp"
#include "rank0/file_reader.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace bundle_match::app {

/// The result of an order that is not sent, as something that it needs is not there.
struct RefusedOrder {
  Rank rank;
  OrderResult result;
};

class OrderSender {
 public:
  /// With `with_files`, orders carry their image's file and its mask, looked for in `mask_dir`.
  OrderSender(transport::Link& link, bool with_files, const std::string& mask_dir);

  /// To another rank than 0; returns at once.
  void send(Rank rank, Order order);

  /// Sends some of the files that were read by now, and the orders that they belong to, but to
  /// ranks that are lost; stops at an order whose file cannot be read, and returns that. To be
  /// called often.
  [[nodiscard]] std::optional<RefusedOrder> send_read_files(
      const std::function<bool(Rank)>& is_lost);

  /// How long rank 0 may sleep if there is nothing to do.
  [[nodiscard]] std::chrono::microseconds next_sleep(Backoff& backoff) const;

 private:
  bool take_next();
  std::size_t send_piece();

  transport::Link& link_;
  std::optional<FileReader> file_reader_;
  std::optional<ReadOrder> sending_;  // some of its pieces may be sent already
};

}  // namespace bundle_match::app

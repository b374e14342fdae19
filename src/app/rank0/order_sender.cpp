// To the link, or first to the reader of files.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/order_sender.hpp"

#include <cstdint>
#include <utility>

namespace bundle_match::app {
namespace {

// What rank 0 keeps of files at most, and how often it looks after them.
constexpr std::uint64_t kMostFileBytes = std::uint64_t{256} << 20;
constexpr std::chrono::microseconds kLongestSendingSleep{500};

}  // namespace

OrderSender::OrderSender(transport::Link& link, bool with_files, const std::string& mask_dir)
    : link_(link) {
  if (with_files && link.size() > 1) {
    file_reader_.emplace(kMostFileBytes, mask_dir);
  }
}

void OrderSender::send(Rank rank, Order order) {
  if (file_reader_ && reads_file(order.work)) {
    file_reader_->submit(rank, std::move(order));
  } else {
    link_.send(rank, std::move(order));
  }
}

std::optional<UnreadableFile> OrderSender::send_read_files(
    const std::function<bool(Rank)>& is_lost) {
  while (auto it = file_reader_ ? file_reader_->try_take(link_.unsent_bytes()) : std::nullopt) {
    if (is_lost(it->rank)) {
      continue;  // others were given the image
    }
    if (it->failure) {
      return UnreadableFile{it->rank, std::move(*it->failure)};
    }
    link_.send(it->rank, std::move(it->order));
    link_.flush();
  }
  return std::nullopt;
}

std::chrono::microseconds OrderSender::next_sleep(Backoff& backoff) const {
  // A long message only moves while MPI is called.
  const bool sending =
      file_reader_ && (link_.unsent_bytes() > 0 || file_reader_->outstanding() > 0);
  return sending ? backoff.next(kLongestSendingSleep) : backoff.next();
}

}  // namespace bundle_match::app

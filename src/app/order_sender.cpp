// To this rank's own compute process, to the link, or first to the reader of files.
// SPDX-License-Identifier: Apache-2.0
#include "order_sender.hpp"

#include <cstdint>
#include <utility>

namespace bundle_match::app {
namespace {

// What rank 0 keeps of files at most, and how often it looks after them.
constexpr std::uint64_t kMostFileBytes = std::uint64_t{256} << 20;
constexpr std::chrono::microseconds kLongestSendingSleep{500};

}  // namespace

OrderSender::OrderSender(transport::Link& link, compute::ImageProcessor& own_compute,
                         bool with_files, const std::string& mask_dir)
    : link_(link), own_compute_(own_compute) {
  if (with_files && link.size() > 1) {
    file_reader_.emplace(kMostFileBytes, mask_dir);
  }
}

void OrderSender::send(Rank rank, ImageOrder order) {
  if (rank == 0) {
    own_compute_.submit(std::move(order));
  } else if (file_reader_ && order.described == kNoReference) {
    file_reader_->submit(rank, std::move(order));
  } else {
    link_.send(rank, std::move(order));
  }
}

std::vector<ReadOrder> OrderSender::send_read_files(const std::function<bool(Rank)>& is_lost) {
  std::vector<ReadOrder> unreadable;
  while (auto it = file_reader_ ? file_reader_->try_take(link_.unsent_bytes()) : std::nullopt) {
    if (is_lost(it->rank)) {
      continue;  // others were given the image
    }
    if (it->failure) {
      unreadable.push_back(std::move(*it));
    } else {
      link_.send(it->rank, std::move(it->order));
      link_.flush();
    }
  }
  return unreadable;
}

std::chrono::microseconds OrderSender::next_sleep(Backoff& backoff) const {
  // A long message only moves while MPI is called.
  const bool sending =
      file_reader_ && (link_.unsent_bytes() > 0 || file_reader_->outstanding() > 0);
  return sending ? backoff.next(kLongestSendingSleep) : backoff.next();
}

}  // namespace bundle_match::app

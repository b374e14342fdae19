// To the link, or first to the reader of files.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/order_sender.hpp"

#include <cstdint>
#include <utility>

namespace bundle_match::app {
namespace {

// What rank 0 keeps of files at most, but for one that is longer; what of it it passes on at most
// between two looks at everything else; and how often it looks after it.
constexpr std::uint64_t kMostFileBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kMostBytesAtOnce = std::uint64_t{8} << 20;
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

std::optional<RefusedOrder> OrderSender::send_read_files(const std::function<bool(Rank)>& is_lost) {
  std::optional<RefusedOrder> unreadable;
  std::uint64_t passed_on = 0;
  while (file_reader_ && !unreadable && passed_on < kMostBytesAtOnce &&
         link_.unsent_bytes() < kMostFileBytes && (sending_ || take_next())) {
    if (is_lost(sending_->rank)) {
      sending_.reset();  // others were given the image
    } else if (sending_->failure) {
      unreadable = {sending_->rank, std::move(*sending_->failure)};
      sending_.reset();
    } else if (sending_->pieces.empty()) {
      link_.send(sending_->rank, std::move(sending_->order));
      sending_.reset();
    } else {
      passed_on += send_piece();
    }
  }
  if (file_reader_) {
    file_reader_->tell_unsent(link_.unsent_bytes() + (sending_ ? sending_->bytes : 0));
  }
  return unreadable;
}

bool OrderSender::take_next() {
  sending_ = file_reader_->try_take();
  return sending_.has_value();
}

std::size_t OrderSender::send_piece() {
  const FilePiece piece = std::move(sending_->pieces.front());
  sending_->pieces.pop_front();
  sending_->bytes -= piece.bytes.size();
  link_.send(sending_->rank, piece);
  return piece.bytes.size();
}

std::chrono::microseconds OrderSender::next_sleep(Backoff& backoff) const {
  // A long message only moves while MPI is called.
  const bool sending =
      link_.unsent_bytes() > 0 || (file_reader_ && (sending_ || file_reader_->outstanding() > 0));
  return sending ? backoff.next(kLongestSendingSleep) : backoff.next();
}

}  // namespace bundle_match::app

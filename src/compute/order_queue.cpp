// The reading thread and its queue.
// SPDX-License-Identifier: Apache-2.0
#include "order_queue.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "bundle_match/wire/encoding.hpp"

#include <exception>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace bundle_match::compute {
namespace {

void read_ahead(const std::string& path) {
  const UniqueFd file = open_for_reading(path);
  struct stat status {};
  if (file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_WILLNEED);
  }
}

// The rank does not know which numbers the files beside its frame get here.
QueuedOrder order_of(Frame frame) {
  QueuedOrder item{wire::decode<ComputeOrder>(frame.payload), std::move(frame.files)};
  if (!item.files.empty()) {
    item.order.received =
        ReceivedPaths{path_of_descriptor(item.files.front().get()),
                      item.files.size() > 1 ? path_of_descriptor(item.files.back().get()) : ""};
  }
  return item;
}

NewStore store_of(std::vector<UniqueFd> files) {
  NewStore store{std::move(files.front()), UniqueFd()};
  if (files.size() > 1) {
    store.disk = std::move(files[1]);
  }
  return store;
}

}  // namespace

OrderQueue::OrderQueue(int socket, std::function<void(LentCores)> on_cores)
    : reader_(socket, FrameReader::Files::taken),
      on_cores_(std::move(on_cores)),
      thread_([this] { read_frames(); }) {}

std::optional<OrderQueue::Item> OrderQueue::next() {
  std::unique_lock lock(mutex_);
  waiting_ = true;
  changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
  waiting_ = false;
  if (items_.empty()) {
    return std::nullopt;
  }
  Item item = std::move(items_.front());
  items_.pop_front();
  return item;
}

void OrderQueue::read_frames() {
  try {
    while (auto frame = reader_.receive()) {
      if (frame->kind == FrameKind::references && !frame->files.empty()) {
        push(NewReferences{std::move(frame->files.front())});
      } else if (frame->kind == FrameKind::store && !frame->files.empty()) {
        push(store_of(std::move(frame->files)));
      } else if (frame->kind == FrameKind::cores) {
        on_cores_(wire::decode<LentCores>(frame->payload));
      } else {
        push(order_of(std::move(*frame)));
      }
    }
  } catch (const std::exception&) {
    // No order of the rank's: this process ends as if the rank had, and the rank sees that.
  }
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_one();
}

void OrderQueue::push(Item item) {
  std::string path;
  if (const auto* const order = std::get_if<QueuedOrder>(&item)) {
    const bool opens = reads_file(order->order.work) && !order->order.received;
    path = opens ? order->order.path : "";
  }
  bool ahead = false;
  {
    const std::lock_guard lock(mutex_);
    ahead = !waiting_;
    items_.push_back(std::move(item));
  }
  changed_.notify_one();
  if (ahead && !path.empty()) {
    read_ahead(path);
  }
}

}  // namespace bundle_match::compute

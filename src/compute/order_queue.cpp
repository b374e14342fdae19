// The reading thread and its queue.
// SPDX-License-Identifier: Apache-2.0
#include "order_queue.hpp"

#include "bundle_match/wire/encoding.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bundle_match::compute {
namespace {

void read_ahead(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct stat status {};
  if (file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_WILLNEED);
  }
}

}  // namespace

OrderQueue::OrderQueue(int socket)
    : reader_(socket, FrameReader::Files::taken), thread_([this] { read_frames(); }) {}

std::optional<Frame> OrderQueue::next() {
  std::unique_lock lock(mutex_);
  waiting_ = true;
  changed_.wait(lock, [this] { return closed_ || !frames_.empty(); });
  waiting_ = false;
  if (frames_.empty()) {
    return std::nullopt;
  }
  Frame frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

void OrderQueue::read_frames() {
  while (auto frame = reader_.receive()) {
    std::string path;
    if (frame->kind == FrameKind::order) {
      path = wire::decode<ImageOrder>(frame->payload).path;
    }
    bool ahead = false;
    {
      const std::lock_guard lock(mutex_);
      ahead = !waiting_;
      frames_.push_back(std::move(*frame));
    }
    changed_.notify_one();
    if (ahead && !path.empty()) {
      read_ahead(path);
    }
  }
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_one();
}

}  // namespace bundle_match::compute

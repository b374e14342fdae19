// Pieces into files of memory, and these given back.
// SPDX-License-Identifier: Apache-2.0
#include "received_files.hpp"

#include "bundle_match/posix/memory_file.hpp"

#include <stdexcept>
#include <utility>

namespace bundle_match::compute {

void FileCollector::append(const FilePiece& piece) {
  ReceivedFiles& files = files_[piece.order];
  const bool is_mask = piece.file == FilePiece::File::mask;
  UniqueFd& file = is_mask ? files.mask : files.image;
  if (!file.valid()) {
    file = make_memory_file(is_mask ? "mask" : "image");
  }
  append_to_memory_file(file.get(), piece.bytes);
}

ReceivedFiles FileCollector::take(OrderId order, const CarriedFiles& carried) {
  const auto found = files_.extract(order);
  if (found.empty() || !found.mapped().image.valid() ||
      found.mapped().mask.valid() != carried.mask) {
    throw std::runtime_error("an order came without the files that it carries");
  }
  ReceivedFiles files = std::move(found.mapped());
  seal(files.image.get());
  if (files.mask.valid()) {
    seal(files.mask.get());
  }
  return files;
}

void FileCloser::close(ReceivedFiles files) {
  if (!files.image.valid() && !files.mask.valid()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    files_.push_back(std::move(files));
  }
  changed_.notify_one();
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { close_files(stop); });
  }
}

void FileCloser::close_files(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !files_.empty(); })) {
    std::vector<ReceivedFiles> files = std::exchange(files_, {});
    lock.unlock();
    files.clear();
    lock.lock();
  }
}

}  // namespace bundle_match::compute

// Threads that read, and the bound they keep.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/file_reader.hpp"

#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/features/preparation.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/stat.h>
#include <utility>

namespace bundle_match::app {
namespace {

constexpr int kThreads = 4;  // file servers answer several requests at a time

OrderResult failure(OrderId order, ImageStatus status, std::string reason) {
  OrderResult result;
  result.order = order;
  result.status = status;
  result.reason = std::move(reason);
  return result;
}

std::uint64_t file_size(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)
             ? static_cast<std::uint64_t>(status.st_size)
             : 0;
}

struct FileToRead {
  std::string path;
  std::uint64_t size = 0;
};

// Reads up to its size, less if the file has become shorter. An errno is thrown as int.
void read_pieces(ReadOrder& it, FilePiece::File kind, const FileToRead& what) {
  const UniqueFd file = open_for_reading(what.path);
  if (!file.valid()) {
    throw errno;
  }
  std::uint64_t done = 0;
  do {
    const std::uint64_t wanted = std::min<std::uint64_t>(kFilePieceBytes, what.size - done);
    std::string bytes(wanted, '\0');
    const std::int64_t got = read_at(file.get(), bytes, done);
    if (got < 0) {
      throw errno;
    }
    bytes.resize(static_cast<std::size_t>(got));
    done += bytes.size();
    it.bytes += bytes.size();
    it.pieces.push_back({it.order.id, kind, std::move(bytes)});
  } while (done < what.size && it.pieces.back().bytes.size() == kFilePieceBytes);
}

void read_contents(ReadOrder& it, const FileToRead& file, const FileToRead& mask) {
  const OrderId id = it.order.id;
  // In the words of a rank that reads the file itself.
  if (auto reason = features::why_not_a_file(file.path)) {
    it.failure = failure(id, ImageStatus::unreadable, std::move(reason->reason));
  } else if (file.size + mask.size > kLongestSentFile) {
    it.failure = failure(id, ImageStatus::failed,
                         fmt::format("a file of {} MiB; --send-images sends up to {} MiB",
                                     (file.size + mask.size) >> 20, kLongestSentFile >> 20));
  } else {
    try {
      read_pieces(it, FilePiece::File::image, file);
      if (!mask.path.empty()) {
        read_pieces(it, FilePiece::File::mask, mask);
      }
      it.order.carried = CarriedFiles{!mask.path.empty()};
    } catch (const int error) {
      it.pieces.clear();
      it.bytes = 0;
      it.failure = failure(id, ImageStatus::unreadable, std::strerror(error));
    }
  }
}

}  // namespace

FileReader::FileReader(std::uint64_t most_bytes, std::string mask_dir)
    : most_bytes_(most_bytes), mask_dir_(std::move(mask_dir)) {
  for (int i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { read_files(stop); });
  }
}

void FileReader::submit(Rank rank, Order order) {
  {
    const std::lock_guard lock(mutex_);
    to_read_.push_back({rank, std::move(order), std::nullopt, {}, 0});
  }
  submitted_.notify_one();
}

std::optional<ReadOrder> FileReader::try_take() {
  const std::lock_guard lock(mutex_);
  if (read_.empty()) {
    return std::nullopt;
  }
  ReadOrder taken = std::move(read_.front());
  read_.pop_front();
  held_bytes_ -= taken.bytes;
  unsent_bytes_ += taken.bytes;
  return taken;
}

void FileReader::tell_unsent(std::uint64_t bytes) {
  bool room = false;
  {
    const std::lock_guard lock(mutex_);
    room = bytes < unsent_bytes_;
    unsent_bytes_ = bytes;
  }
  if (room) {
    room_.notify_all();
  }
}

std::size_t FileReader::outstanding() const {
  const std::lock_guard lock(mutex_);
  return to_read_.size() + being_read_ + read_.size();
}

void FileReader::read_files(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (submitted_.wait(lock, stop, [this] { return !to_read_.empty(); })) {
    ReadOrder it = std::move(to_read_.front());
    to_read_.pop_front();
    ++being_read_;
    lock.unlock();
    const FileToRead file{it.order.path, file_size(it.order.path)};
    const std::string mask_path = features::find_mask(mask_dir_, file.path);
    const FileToRead mask{mask_path, file_size(mask_path)};
    const std::uint64_t size = file.size + mask.size;
    lock.lock();
    const bool room = room_.wait(lock, stop, [&] {
      const std::uint64_t held = held_bytes_ + unsent_bytes_;
      return held == 0 || held + size <= most_bytes_;
    });
    if (!room) {
      return;
    }
    held_bytes_ += size;
    lock.unlock();
    read_contents(it, file, mask);
    lock.lock();
    if (it.bytes < size) {
      held_bytes_ -= size - it.bytes;
      room_.notify_all();
    }
    --being_read_;
    read_.push_back(std::move(it));
  }
}

}  // namespace bundle_match::app

// A header of 8 bytes, then the payload.
// SPDX-License-Identifier: Apache-2.0
#include "frames.hpp"

#include "socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iterator>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace bundle_match::compute {
namespace {

struct FrameHeader {
  std::uint8_t kind = 0;
  std::uint8_t files = 0;  // beside the frame's first byte
  std::uint8_t padding[2] = {};
  std::uint32_t size = 0;
};

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
constexpr int kMostChunks = 256;  // that fill() reads

// Memory of frames that were taken is given back in steps, so that many small ones cost no more.
constexpr std::size_t kGiveBackBytes = std::size_t{1} << 20;

std::string bytes_of(FrameKind kind, std::string_view payload, std::size_t files) {
  if (payload.size() > kLongestFrame || files > kMostFds) {
    throw std::length_error("a message that is too long for a compute process");
  }
  FrameHeader header;
  header.kind = static_cast<std::uint8_t>(kind);
  header.files = static_cast<std::uint8_t>(files);
  header.size = static_cast<std::uint32_t>(payload.size());
  std::string bytes;
  bytes.reserve(sizeof header + payload.size());
  bytes.append(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(payload);
  return bytes;
}

UniqueFd duplicate(int file) {
  UniqueFd copy(::fcntl(file, F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) {
    throw std::system_error(errno, std::generic_category(), "cannot hand over a file");
  }
  return copy;
}

bool is_nonsense(const FrameHeader& header) {
  return header.kind > static_cast<std::uint8_t>(FrameKind::store) || header.size > kLongestFrame ||
         header.files > kMostFds;
}

}  // namespace

bool send_frame(int socket, FrameKind kind, std::string_view payload) {
  const std::string bytes = bytes_of(kind, payload, 0);
  std::string_view left = bytes;
  while (!left.empty()) {
    // Not sendmsg(2), which a confined process may not call.
    const ssize_t sent = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      left.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

void FrameWriter::write(FrameKind kind, std::string_view payload, std::span<const int> files) {
  Unsent frame;
  frame.bytes = bytes_of(kind, payload, files.size());
  for (const int file : files) {
    frame.files.push_back(duplicate(file));
  }
  unsent_.push_back(std::move(frame));
  flush();
}

void FrameWriter::flush() {
  while (!unsent_.empty()) {
    Unsent& first = unsent_.front();
    std::array<int, kMostFds> files{};
    std::size_t count = 0;
    for (const UniqueFd& file : first.files) {
      files.at(count++) = file.get();
    }
    const std::string_view left = std::string_view(first.bytes).substr(first.sent);
    const ssize_t sent = send_bytes(socket_, std::as_bytes(std::span(left)),
                                    std::span(files).first(count), MSG_DONTWAIT);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        unsent_.clear();
      }
      return;
    }
    first.files.clear();
    first.sent += static_cast<std::size_t>(sent);
    if (first.sent == first.bytes.size()) {
      unsent_.pop_front();
    }
  }
}

std::optional<Frame> FrameReader::receive() {
  for (;;) {
    if (auto frame = next()) {
      return frame;
    }
    if (closed_) {
      return std::nullopt;
    }
    (void)read_some(0);
  }
}

void FrameReader::fill() {
  for (int chunk = 0; chunk < kMostChunks && !closed_ && read_some(MSG_DONTWAIT); ++chunk) {
  }
}

std::optional<Frame> FrameReader::next() {
  FrameHeader header;
  if (buffer_.size() - taken_ < sizeof header) {
    return std::nullopt;
  }
  std::memcpy(&header, buffer_.data() + taken_, sizeof header);
  if (is_nonsense(header) || header.files > files_.size()) {
    closed_ = true;  // the peer is not to be trusted any more
    nonsense_ = true;
    buffer_.clear();
    taken_ = 0;
    return std::nullopt;
  }
  if (buffer_.size() - taken_ - sizeof header < header.size) {
    return std::nullopt;
  }
  Frame frame{
      static_cast<FrameKind>(header.kind), buffer_.substr(taken_ + sizeof header, header.size), {}};
  const auto files_end = files_.begin() + header.files;
  std::move(files_.begin(), files_end, std::back_inserter(frame.files));
  files_.erase(files_.begin(), files_end);
  taken_ += sizeof header + header.size;
  if (taken_ == buffer_.size() || taken_ > kGiveBackBytes) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  return frame;
}

bool FrameReader::read_some(int flags) {
  std::array<std::byte, kChunkBytes> chunk;
  std::vector<UniqueFd> files;
  const Received received =
      receive_bytes(socket_, chunk, flags, files_wanted_ == Files::taken ? &files : nullptr);
  std::move(files.begin(), files.end(), std::back_inserter(files_));
  if (received.bytes <= 0) {
    closed_ = received.bytes == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    return false;
  }
  buffer_.append(reinterpret_cast<const char*>(chunk.data()),
                 static_cast<std::size_t>(received.bytes));
  // Frames that came whole before are still frames.
  nonsense_ = received.too_many_fds;
  closed_ = nonsense_;
  return !closed_;
}

}  // namespace bundle_match::compute

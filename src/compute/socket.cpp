// Frames over stream sockets, packets with descriptors over seqpacket sockets.
// SPDX-License-Identifier: Apache-2.0
#include "socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <sys/socket.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match::compute {
namespace {

constexpr std::size_t kMaxFds = 8;

struct FrameHeader {
  std::uint8_t kind = 0;
  std::uint8_t padding[3] = {};
  std::uint32_t size = 0;
};

// More than the features of any image (8 million); a larger length is nonsense.
constexpr std::uint32_t kMaxFrameSize = 1U << 30;

bool send_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

// recvmsg(2), tried again when a signal comes. Without `fds` the kernel closes those that come.
ssize_t receive_bytes(int socket, std::span<std::byte> bytes, int flags,
                      std::vector<UniqueFd>* fds) {
  iovec vector{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxFds)> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = fds != nullptr ? control.data() : nullptr;
  message.msg_controllen = fds != nullptr ? control.size() : 0;
  ssize_t received = 0;
  do {
    received = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received <= 0 || fds == nullptr) {
    return received;
  }
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
      const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      std::array<int, kMaxFds> numbers{};
      std::memcpy(numbers.data(), CMSG_DATA(header), count * sizeof(int));
      for (std::size_t i = 0; i < count; ++i) {
        fds->emplace_back(numbers[i]);
      }
    }
  }
  return received;
}

}  // namespace

SocketPair make_socket_pair(int type) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool send_packet(int socket, std::span<const std::byte> bytes, std::span<const int> fds) {
  iovec vector{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxFds)> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

Packet receive_packet(int socket, std::span<std::byte> bytes) {
  Packet packet;
  const ssize_t received = receive_bytes(socket, bytes, 0, &packet.fds);
  packet.size = received > 0 ? static_cast<std::size_t>(received) : 0;
  return packet;
}

bool send_frame(int socket, FrameKind kind, std::string_view payload) {
  FrameHeader header;
  header.kind = static_cast<std::uint8_t>(kind);
  header.size = static_cast<std::uint32_t>(payload.size());
  std::string bytes(sizeof header + payload.size(), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, payload.data(), payload.size());
  return send_all(socket, bytes.data(), bytes.size());
}

bool send_references(int socket, int file) {
  FrameHeader header;
  header.kind = static_cast<std::uint8_t>(FrameKind::references);
  return send_packet(socket, std::as_bytes(std::span(&header, 1)), std::span(&file, 1));
}

std::optional<Frame> FrameReader::receive() {
  for (;;) {
    if (auto frame = next_frame()) {
      return frame;
    }
    if (closed_ || !read_some(0)) {
      return std::nullopt;
    }
  }
}

std::optional<Frame> FrameReader::try_receive() {
  for (;;) {
    if (auto frame = next_frame()) {
      return frame;
    }
    if (closed_ || !read_some(MSG_DONTWAIT)) {
      return std::nullopt;
    }
  }
}

std::optional<Frame> FrameReader::next_frame() {
  FrameHeader header;
  if (buffer_.size() < sizeof header) {
    return std::nullopt;
  }
  std::memcpy(&header, buffer_.data(), sizeof header);
  const bool has_file = header.kind == static_cast<int>(FrameKind::references);
  if (header.size > kMaxFrameSize || header.kind > static_cast<int>(FrameKind::references) ||
      (has_file && files_.empty())) {
    closed_ = true;  // the peer is not to be trusted any more
    buffer_.clear();
    return std::nullopt;
  }
  if (buffer_.size() < sizeof header + header.size) {
    return std::nullopt;
  }
  Frame frame{static_cast<FrameKind>(header.kind), buffer_.substr(sizeof header, header.size)};
  if (has_file) {
    frame.file = std::move(files_.front());
    files_.pop_front();
  }
  buffer_.erase(0, sizeof header + header.size);
  return frame;
}

bool FrameReader::read_some(int flags) {
  std::array<std::byte, 65536> chunk;
  std::vector<UniqueFd> files;
  const ssize_t received =
      receive_bytes(socket_, chunk, flags, files_wanted_ == Files::taken ? &files : nullptr);
  std::move(files.begin(), files.end(), std::back_inserter(files_));
  if (received > 0) {
    buffer_.append(reinterpret_cast<const char*>(chunk.data()), static_cast<std::size_t>(received));
    return true;
  }
  closed_ = received == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  return false;
}

}  // namespace bundle_match::compute

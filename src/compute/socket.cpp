// sendmsg(2) and recvmsg(2) with SCM_RIGHTS.
// SPDX-License-Identifier: Apache-2.0
#include "socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/uio.h>
#include <system_error>

namespace bundle_match::compute {
namespace {

struct ControlBuffer {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostFds)> bytes{};
};

// The kernel puts no more into the buffer than fits.
void take_descriptors(msghdr& message, std::vector<UniqueFd>& fds) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

// Of a packet; 0 if it is none.
std::size_t size_of(const Received& received) {
  return received.bytes > 0 && !received.too_many_fds ? static_cast<std::size_t>(received.bytes)
                                                      : 0;
}

}  // namespace

SocketPair make_socket_pair(int type) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

ssize_t send_bytes(int socket, std::span<const std::byte> bytes, std::span<const int> fds,
                   int flags) {
  if (fds.size() > kMostFds) {
    throw std::length_error("more descriptors than go into one message");
  }
  iovec vector{const_cast<std::byte*>(bytes.data()), bytes.size()};
  ControlBuffer control;
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, flags | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

Received receive_bytes(int socket, std::span<std::byte> bytes, int flags,
                       std::vector<UniqueFd>* fds) {
  iovec vector{bytes.data(), bytes.size()};
  ControlBuffer control;
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  // Without it the kernel closes the descriptors that come.
  message.msg_control = fds != nullptr ? control.bytes.data() : nullptr;
  message.msg_controllen = fds != nullptr ? control.bytes.size() : 0;
  Received received;
  do {
    received.bytes = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  } while (received.bytes < 0 && errno == EINTR);
  if (received.bytes >= 0) {
    received.too_many_fds = (message.msg_flags & MSG_CTRUNC) != 0;
    if (fds != nullptr) {
      take_descriptors(message, *fds);
    }
  }
  return received;
}

bool send_packet(int socket, std::span<const std::byte> bytes, std::span<const int> fds,
                 int flags) {
  return send_bytes(socket, bytes, fds, flags) == static_cast<ssize_t>(bytes.size());
}

Packet receive_packet(int socket, std::span<std::byte> bytes) {
  Packet packet;
  packet.size = size_of(receive_bytes(socket, bytes, 0, &packet.fds));
  return packet;
}

std::optional<Packet> try_receive_packet(int socket, std::span<std::byte> bytes) {
  Packet packet;
  const Received received = receive_bytes(socket, bytes, MSG_DONTWAIT, &packet.fds);
  if (received.bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return std::nullopt;
  }
  packet.size = size_of(received);
  return packet;
}

}  // namespace bundle_match::compute

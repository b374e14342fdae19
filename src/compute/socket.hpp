// Local sockets between a rank, its fork server and its compute process; packets on them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <sys/types.h>
#include <vector>

namespace bundle_match::compute {

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};

/// A connected pair, close-on-exec. `type` is SOCK_STREAM or SOCK_SEQPACKET. Throws
/// std::system_error.
[[nodiscard]] SocketPair make_socket_pair(int type);

/// Descriptors that can go beside bytes.
inline constexpr std::size_t kMostFds = 8;

/// sendmsg(2) with descriptors beside the bytes, which arrive with the first of these; tried again
/// when a signal comes. -1 and errno if it fails. Throws std::length_error for too many of them.
[[nodiscard]] ssize_t send_bytes(int socket, std::span<const std::byte> bytes,
                                 std::span<const int> fds, int flags);

struct Received {
  ssize_t bytes = 0;  ///< 0: the peer is gone; -1 and errno: it failed
  /// More descriptors came than are taken: the peer breaks the protocol. These bytes, and what
  /// comes after them, may be missing some.
  bool too_many_fds = false;
};

/// recvmsg(2), likewise. Descriptors go to `fds`; where it is null, one is too many.
[[nodiscard]] Received receive_bytes(int socket, std::span<std::byte> bytes, int flags,
                                     std::vector<UniqueFd>* fds);

/// Sends one packet; false if the peer is gone, or takes nothing now and `flags` has MSG_DONTWAIT.
/// Throws std::length_error.
[[nodiscard]] bool send_packet(int socket, std::span<const std::byte> bytes,
                               std::span<const int> fds = {}, int flags = 0);

struct Packet {
  std::size_t size = 0;  ///< bytes received; 0: the peer is gone, or breaks the protocol
  std::vector<UniqueFd> fds;
};

/// Waits for one packet.
[[nodiscard]] Packet receive_packet(int socket, std::span<std::byte> bytes);

/// Takes one packet if there is one.
[[nodiscard]] std::optional<Packet> try_receive_packet(int socket, std::span<std::byte> bytes);

}  // namespace bundle_match::compute

// Local sockets between a rank, its fork server and its compute process: frames and descriptors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::compute {

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};

/// A connected pair, close-on-exec. `type` is SOCK_STREAM or SOCK_SEQPACKET. Throws
/// std::system_error.
[[nodiscard]] SocketPair make_socket_pair(int type);

/// Sends one packet with file descriptors beside it; false if the peer is gone.
[[nodiscard]] bool send_packet(int socket, std::span<const std::byte> bytes,
                               std::span<const int> fds = {});

struct Packet {
  std::size_t size = 0;  ///< bytes received; 0: the peer is gone
  std::vector<UniqueFd> fds;
};

/// Waits for one packet.
[[nodiscard]] Packet receive_packet(int socket, std::span<std::byte> bytes);

/// What a frame holds.
enum class FrameKind : std::uint8_t {
  order = 0,
  report = 1,
  progress = 2,    ///< nothing: the order takes long, but is not stuck
  references = 3,  ///< nothing, but a file beside it: the set of references from now on
};

/// One message on a stream socket: kind, length, payload (an encoded message of core).
struct Frame {
  FrameKind kind = FrameKind::report;
  std::string payload;
  UniqueFd file = {};  ///< of FrameKind::references
};

/// Sends a whole frame, waiting while the socket is full; false if the peer is gone.
[[nodiscard]] bool send_frame(int socket, FrameKind kind, std::string_view payload);

/// Sends a frame of FrameKind::references; likewise.
[[nodiscard]] bool send_references(int socket, int file);

/// Collects frames from a stream socket.
class FrameReader {
 public:
  /// Files that come with frames are taken only from a peer that is trusted.
  enum class Files : bool { refused, taken };

  explicit FrameReader(int socket, Files files = Files::refused)
      : socket_(socket), files_wanted_(files) {}

  /// Waits for a frame; nothing if the peer is gone or sends nonsense.
  [[nodiscard]] std::optional<Frame> receive();

  /// Takes what is there without waiting; nothing if no frame is complete.
  [[nodiscard]] std::optional<Frame> try_receive();

  /// Whether the peer is gone (seen by a call above, all whole frames taken).
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  std::optional<Frame> next_frame();
  bool read_some(int flags);

  int socket_;
  Files files_wanted_;
  bool closed_ = false;
  std::string buffer_;
  std::deque<UniqueFd> files_;  // that came, but their frames were not taken yet
};

}  // namespace bundle_match::compute

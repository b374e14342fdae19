// Frames on a stream socket between a rank and its compute process: kind, length, payload, and
// files beside it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::compute {

/// What a frame holds.
enum class FrameKind : std::uint8_t {
  order = 0,       ///< an encoded ComputeOrder; beside it the files that were received for it
  references = 1,  ///< nothing, but a file beside it: the set of references from now on
  message = 2,     ///< an encoded ComputeMessage
  cores = 3,       ///< an encoded LentCores
  store = 4,       ///< nothing, but one or two files beside it: the host's store from now on
};

/// More than the features of any image (8 million) and of its cache entry; a longer one is
/// nonsense.
inline constexpr std::size_t kLongestFrame = std::size_t{1} << 30;

struct Frame {
  FrameKind kind = FrameKind::message;
  std::string payload;
  std::vector<UniqueFd> files;
};

/// Sends a whole frame, waiting while the socket is full; false if the peer is gone. Throws
/// std::length_error if the payload is longer than kLongestFrame.
[[nodiscard]] bool send_frame(int socket, FrameKind kind, std::string_view payload);

/// Sends frames without ever waiting: what the socket does not take is kept for later.
class FrameWriter {
 public:
  explicit FrameWriter(int socket) : socket_(socket) {}

  /// `files` may be closed at once. Throws std::length_error for more than kMostFds of them, or if
  /// the payload is longer than kLongestFrame, and std::system_error.
  void write(FrameKind kind, std::string_view payload, std::span<const int> files = {});

  /// Sends what the socket takes now. That the peer is gone is for the reading side to see.
  void flush();

  /// Whether something is kept for later.
  [[nodiscard]] bool waiting() const { return !unsent_.empty(); }

 private:
  struct Unsent {
    std::string bytes;
    std::size_t sent = 0;
    std::vector<UniqueFd> files;  // until its first byte is sent
  };

  int socket_;
  std::deque<Unsent> unsent_;
};

/// Collects frames from a stream socket.
class FrameReader {
 public:
  /// Files that come with frames are taken only from a peer that is trusted.
  enum class Files : bool { refused, taken };

  explicit FrameReader(int socket, Files files = Files::refused)
      : socket_(socket), files_wanted_(files) {}

  /// Waits for a frame; nothing if the peer is gone or sends nonsense.
  [[nodiscard]] std::optional<Frame> receive();

  /// Reads what has arrived, without waiting, and no more than some megabytes at a time: a peer
  /// that never stops sending does not keep its reader from other things.
  void fill();

  /// The next whole frame of what was read.
  [[nodiscard]] std::optional<Frame> next();

  /// Whether no more can come: the peer is gone, or has sent nonsense. To be asked when next() has
  /// nothing.
  [[nodiscard]] bool closed() const { return closed_; }
  /// Whether that is because of nonsense.
  [[nodiscard]] bool nonsense() const { return nonsense_; }

 private:
  bool read_some(int flags);

  int socket_;
  Files files_wanted_;
  bool closed_ = false;
  bool nonsense_ = false;
  std::string buffer_;
  std::size_t taken_ = 0;       // bytes of the buffer that are of frames taken by now
  std::deque<UniqueFd> files_;  // that came, but their frames were not taken yet
};

}  // namespace bundle_match::compute

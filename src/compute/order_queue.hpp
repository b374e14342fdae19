// Orders between the thread that reads the socket and the one that computes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "socket.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace bundle_match::compute {

/// Reads frames from the socket on a thread of its own. A frame that arrives while another is being
/// computed is also the moment to ask the kernel to read that file ahead.
class OrderQueue {
 public:
  explicit OrderQueue(int socket);

  /// Waits for the next frame; nothing once the rank has closed the socket.
  [[nodiscard]] std::optional<Frame> next();

 private:
  void read_frames();

  FrameReader reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Frame> frames_;
  bool waiting_ = false;  // whether next() waits: then there is nothing to read ahead
  bool closed_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bundle_match::compute

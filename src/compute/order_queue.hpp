// Orders between the thread that reads the socket and the one that computes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "frames.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

namespace bundle_match::compute {

struct QueuedOrder {
  ComputeOrder order;
  std::vector<UniqueFd> files;  ///< its `received` are paths of these
};

/// The set of references from now on.
struct NewReferences {
  UniqueFd file;
};

/// The host's store from now on.
struct NewStore {
  UniqueFd memory;
  UniqueFd disk;
};

/// Reads frames from the socket on a thread of its own. An order that arrives while another is
/// being computed is also the moment to ask the kernel to read that file ahead.
class OrderQueue {
 public:
  using Item = std::variant<QueuedOrder, NewReferences, NewStore>;

  /// `on_cores` is told, by the thread that reads, which cores may be used beside the own.
  OrderQueue(int socket, std::function<void(LentCores)> on_cores);

  /// Waits for the next item; nothing once the rank has closed the socket.
  [[nodiscard]] std::optional<Item> next();

 private:
  void read_frames();
  void push(Item item);

  FrameReader reader_;
  std::function<void(LentCores)> on_cores_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  bool waiting_ = false;  // whether next() waits: then there is nothing to read ahead
  bool closed_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bundle_match::compute

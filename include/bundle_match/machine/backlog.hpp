// What the sink was given to keep and has not finished: while it is too much, no work is handed
// out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace bundle_match::machine {

/// A disk that stands still then costs memory up to a bound, and after that time.
class Backlog {
 public:
  /// From so many items or bytes on it is too much.
  struct Bounds {
    std::size_t items = 1 << 17;
    std::uint64_t bytes = std::uint64_t{256} << 20;
  };

  explicit Backlog(Bounds most) : most_(most) {}

  void add(std::uint64_t bytes) {
    ++items_;
    bytes_ += bytes;
  }
  void remove(std::size_t items, std::uint64_t bytes) {
    items_ -= std::min(items, items_);
    bytes_ -= std::min(bytes, bytes_);
  }

  /// No more work is to be handed out.
  [[nodiscard]] bool full() const { return items_ >= most_.items || bytes_ >= most_.bytes; }
  /// Work may be handed out again: half of what is too much, so that this does not change with
  /// every item.
  [[nodiscard]] bool has_room() const {
    return items_ <= most_.items / 2 && bytes_ <= most_.bytes / 2;
  }

 private:
  Bounds most_;
  std::size_t items_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace bundle_match::machine

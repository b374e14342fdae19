// Millions of paths in two blocks of memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_array.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bundle_match {

/// An append-only list of byte strings. Views stay valid until the next add().
class PathList {
 public:
  void add(std::string_view path) {
    bytes_.append(path);
    ends_.push_back(bytes_.size());
  }

  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return {bytes_.data() + begin, ends_[i] - begin};
  }

  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] bool empty() const { return ends_.empty(); }

 private:
  LargeArray<char> bytes_;
  LargeArray<std::uint64_t> ends_;
};

}  // namespace bundle_match

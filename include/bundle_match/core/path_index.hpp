// Finds the positions of a path in a list of millions, in 8 bytes a path.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/path_list.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace bundle_match {

/// An open-addressing hash table over a PathList, which must outlive it and not grow. Paths that
/// are asked for in about the list's order, as those of a journal, are found without the table,
/// whose every look-up waits for memory. It is filled at the first look-up: a new run of millions
/// of images need not wait for it.
class PathIndex {
 public:
  /// Throws std::length_error for more paths than it has numbers for.
  explicit PathIndex(const PathList& paths);

  /// Calls `visit` with every position of the path; a path may be listed more than once.
  void for_each(std::string_view path, const std::function<void(ImageIndex)>& visit);

 private:
  static constexpr std::uint32_t kEmpty = 0xffffffff;

  void fill();
  [[nodiscard]] std::size_t first_slot(std::string_view path) const;
  [[nodiscard]] std::size_t near_last(std::string_view path) const;

  const PathList* paths_;
  LargeVector<std::uint32_t> slots_;  // positions; a power of two, at most half full, or none yet
  bool repeats_ = false;              // some path is listed more than once
  std::size_t last_ = 0;              // where a path was found last
};

}  // namespace bundle_match

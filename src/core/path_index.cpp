// Linear probing.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/path_index.hpp"

#include <bit>
#include <cstdint>
#include <functional>
#include <stdexcept>

namespace bundle_match {

PathIndex::PathIndex(const PathList& paths) : paths_(paths) {
  if (paths.size() >= kEmpty) {
    throw std::length_error("more than 4 billion images in one run");
  }
  slots_.assign(std::bit_ceil(paths.size() * 2 + 1), kEmpty);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::size_t slot = first_slot(paths[i]);
    while (slots_[slot] != kEmpty) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = static_cast<std::uint32_t>(i);
  }
}

void PathIndex::for_each(std::string_view path,
                         const std::function<void(ImageIndex)>& visit) const {
  for (std::size_t slot = first_slot(path); slots_[slot] != kEmpty;
       slot = (slot + 1) & (slots_.size() - 1)) {
    if (paths_[slots_[slot]] == path) {
      visit(slots_[slot]);
    }
  }
}

std::size_t PathIndex::first_slot(std::string_view path) const {
  return std::hash<std::string_view>{}(path) & (slots_.size() - 1);
}

}  // namespace bundle_match

// A hash table of positions with linear probing. Looks near the path found last first, if no path
// repeats.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/path_index.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <stdexcept>

namespace bundle_match {

PathIndex::PathIndex(const PathList& paths) : paths_(&paths) {
  if (paths.size() >= kEmpty) {
    throw std::length_error("more than 4 billion images in one run");
  }
}

void PathIndex::fill() {
  const PathList& paths = *paths_;
  slots_.assign(std::bit_ceil(paths.size() * 2 + 1), kEmpty);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::size_t slot = first_slot(paths[i]);
    while (slots_[slot] != kEmpty) {
      repeats_ = repeats_ || paths[slots_[slot]] == paths[i];
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = static_cast<std::uint32_t>(i);
  }
}

void PathIndex::for_each(std::string_view path, const std::function<void(ImageIndex)>& visit) {
  if (slots_.empty()) {
    fill();
  }
  if (!repeats_) {
    if (const std::size_t found = near_last(path); found < paths_->size()) {
      last_ = found;
      visit(ImageIndex(found));
      return;
    }
  }
  for (std::size_t slot = first_slot(path); slots_[slot] != kEmpty;
       slot = (slot + 1) & (slots_.size() - 1)) {
    if ((*paths_)[slots_[slot]] == path) {
      last_ = slots_[slot];
      visit(ImageIndex(slots_[slot]));
    }
  }
}

// Its position if it is near the one found last, else the end. Ranks finish images in about the
// order they were handed out in.
std::size_t PathIndex::near_last(std::string_view path) const {
  constexpr std::size_t kNear = 8;
  const std::size_t first = last_ < kNear ? 0 : last_ - kNear;
  const std::size_t end = std::min(paths_->size(), last_ + kNear);
  for (std::size_t next = last_; next < end; ++next) {
    if ((*paths_)[next] == path) {
      return next;
    }
  }
  for (std::size_t before = first; before < last_; ++before) {
    if ((*paths_)[before] == path) {
      return before;
    }
  }
  return paths_->size();
}

std::size_t PathIndex::first_slot(std::string_view path) const {
  return std::hash<std::string_view>{}(path) & (slots_.size() - 1);
}

}  // namespace bundle_match

// Drops duplicate keypoints and keeps the best ones.
// SPDX-License-Identifier: Apache-2.0
#include "selection.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bundle_match::features::sift {
namespace {

/// A keypoint's place in the order by x and y. Coordinates are positive, so their bits order like
/// themselves.
struct SortEntry {
  std::uint64_t key;
  std::uint32_t index;
};

/// Of two keypoints at the same x and y.
bool comes_first(const SiftKeypoint& a, const SiftKeypoint& b) {
  if (a.size != b.size) {
    return a.size > b.size;
  }
  if (a.angle != b.angle) {
    return a.angle < b.angle;
  }
  if (a.response != b.response) {
    return a.response > b.response;
  }
  return a.octave > b.octave;
}

/// A response and whose it is: what nth_element has to move.
struct Ranked {
  float response;
  std::uint32_t index;
};

}  // namespace

void sort_and_drop_duplicates(std::vector<SiftKeypoint>& keypoints) {
  std::vector<SortEntry> entries;
  entries.reserve(keypoints.size());
  for (std::size_t i = 0; i < keypoints.size(); ++i) {
    const auto x = std::bit_cast<std::uint32_t>(keypoints[i].x);
    const auto y = std::bit_cast<std::uint32_t>(keypoints[i].y);
    entries.push_back({(std::uint64_t{x} << 32) | y, static_cast<std::uint32_t>(i)});
  }
  std::sort(entries.begin(), entries.end(), [&](const SortEntry& a, const SortEntry& b) {
    return a.key != b.key ? a.key < b.key : comes_first(keypoints[a.index], keypoints[b.index]);
  });
  std::vector<SiftKeypoint> kept;
  kept.reserve(keypoints.size());
  for (const SortEntry& entry : entries) {
    const SiftKeypoint& keypoint = keypoints[entry.index];
    if (kept.empty() || kept.back().x != keypoint.x || kept.back().y != keypoint.y ||
        kept.back().size != keypoint.size || kept.back().angle != keypoint.angle) {
      kept.push_back(keypoint);
    }
  }
  keypoints.swap(kept);
}

void keep_best(std::vector<SiftKeypoint>& keypoints, int count) {
  const auto wanted = static_cast<std::ptrdiff_t>(count);
  if (wanted <= 0 || std::ssize(keypoints) <= wanted) {
    return;
  }
  std::vector<Ranked> ranked;
  ranked.reserve(keypoints.size());
  for (std::size_t i = 0; i < keypoints.size(); ++i) {
    ranked.push_back({keypoints[i].response, static_cast<std::uint32_t>(i)});
  }
  std::nth_element(ranked.begin(), ranked.begin() + wanted - 1, ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.response > b.response; });
  const float least = ranked[static_cast<std::size_t>(wanted - 1)].response;
  const auto end = std::partition(ranked.begin() + wanted, ranked.end(),
                                  [least](const Ranked& a) { return a.response >= least; });
  std::vector<SiftKeypoint> kept;
  kept.reserve(static_cast<std::size_t>(end - ranked.begin()));
  for (auto it = ranked.begin(); it != end; ++it) {
    kept.push_back(keypoints[it->index]);
  }
  keypoints.swap(kept);
}

}  // namespace bundle_match::features::sift

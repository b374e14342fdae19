// Strips that fit the cache, pieces that several threads can share.
// SPDX-License-Identifier: Apache-2.0
#include "areas.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace bundle_match::features::sift {
namespace {

/// Columns that a stream works on at a time, so that its rows fit in the second-level cache.
constexpr int kStripWidth = 768;
/// Wider ones lose more in the cache than they gain.
constexpr int kWidestWhole = 1664;
/// Rows that a thread takes at a time; each piece blurs some rows of its neighbours once more.
constexpr int kLeastRows = 192;
/// Of rows, for each thread, so that none waits long for the last.
constexpr int kPiecesOfAThread = 3;

/// Cuts `length` into pieces of about `piece`, on multiples of 16.
std::vector<int> cuts(int length, int piece) {
  const int pieces = std::max((length + piece / 2) / piece, 1);
  std::vector<int> at;
  at.reserve(static_cast<std::size_t>(pieces) + 1);
  for (int i = 0; i < pieces; ++i) {
    at.push_back(static_cast<int>(std::int64_t{length} * i / pieces) / 16 * 16);
  }
  at.push_back(length);
  return at;
}

}  // namespace

std::vector<Area> areas_of(const Size& size, int threads, bool may_be_wide) {
  if (threads == 1 && may_be_wide && size.width <= kWidestWhole) {
    return {{0, size.width, 0, size.height}};
  }
  const int pieces = threads == 1 ? 1 : kPiecesOfAThread * threads;
  const std::vector<int> xs = cuts(size.width, kStripWidth);
  const std::vector<int> ys = cuts(size.height, std::max(size.height / pieces, kLeastRows));
  std::vector<Area> all;
  for (std::size_t j = 0; j + 1 < ys.size(); ++j) {
    for (std::size_t i = 0; i + 1 < xs.size(); ++i) {
      all.push_back({xs[i], xs[i + 1], ys[j], ys[j + 1]});
    }
  }
  return all;
}

}  // namespace bundle_match::features::sift

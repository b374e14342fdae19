// Marks of tiles, and the runs of columns that they make.
// SPDX-License-Identifier: Apache-2.0
#include "tiles.hpp"

#include <algorithm>

namespace bundle_match::features::sift {
namespace {

int tiles_of(int pixels) { return (pixels + kTile - 1) / kTile; }

}  // namespace

void TileMap::reset(int width, int height, bool marked) {
  columns_ = tiles_of(width);
  rows_ = tiles_of(height);
  marks_.assign(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_),
                marked ? 1 : 0);
}

void TileMap::mark(int x0, int x1, int y0, int y1) {
  const int left = std::max(x0, 0) / kTile;
  const int right = std::min(tiles_of(x1), columns_);
  for (int row = std::max(y0, 0) / kTile; row < std::min(tiles_of(y1), rows_); ++row) {
    if (left < right) {
      std::fill_n(&at(left, row), right - left, std::uint8_t{1});
    }
  }
}

void TileRuns::set(int x0, int x1) {
  same_everywhere_ = true;
  runs_.assign(1, {x0, x1});
}

void TileRuns::set(const TileMap& map, int x0, int x1) {
  same_everywhere_ = false;
  runs_.clear();
  starts_.clear();
  for (int row = 0; row < map.rows(); ++row) {
    starts_.push_back(runs_.size());
    for (int column = x0 / kTile; column * kTile < x1; ++column) {
      if (!map.marked(column, row)) {
        continue;
      }
      const Run tile{std::max(column * kTile, x0), std::min((column + 1) * kTile, x1)};
      if (runs_.size() > starts_.back() && runs_.back().x1 == tile.x0) {
        runs_.back().x1 = tile.x1;
      } else {
        runs_.push_back(tile);
      }
    }
  }
  starts_.push_back(runs_.size());
}

std::span<const Run> TileRuns::at(int y) const {
  const std::span<const Run> all = runs_;
  if (same_everywhere_) {
    return all;
  }
  const auto row = static_cast<std::size_t>(y / kTile);
  return all.subspan(starts_[row], starts_[row + 1] - starts_[row]);
}

}  // namespace bundle_match::features::sift

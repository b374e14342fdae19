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

void TileMap::widen(int pixels_across, int pixels_along) {
  for (int column = 0; column < columns_ && rows_ > 0; ++column) {
    widen_line(&at(column, 0), rows_, columns_, tiles_of(pixels_across));
  }
  for (int row = 0; row < rows_ && columns_ > 0; ++row) {
    widen_line(&at(0, row), columns_, 1, tiles_of(pixels_along));
  }
}

void TileMap::widen_line(std::uint8_t* first, int count, std::ptrdiff_t step, int reach) {
  line_.assign(static_cast<std::size_t>(count), 0);
  for (int i = 0; i < count; ++i) {
    if (first[i * step] != 0) {
      std::fill(line_.begin() + std::max(i - reach, 0),
                line_.begin() + std::min(i + reach + 1, count), std::uint8_t{1});
    }
  }
  for (int i = 0; i < count; ++i) {
    first[i * step] = line_[static_cast<std::size_t>(i)];
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

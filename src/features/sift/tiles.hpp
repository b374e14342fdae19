// Tiles of 16 x 16 pixels of an octave: a mark for each, and runs of marked columns for loops over
// rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bundle_match::features::sift {

inline constexpr int kTile = 16;

/// Columns x0 <= x < x1.
struct Run {
  int x0, x1;
};

/// A mark for each tile.
class TileMap {
 public:
  /// Tiles for that many pixels, all marked or none.
  void reset(int width, int height, bool marked);
  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] std::uint8_t& at(int column, int row) { return marks_[place(column, row)]; }
  [[nodiscard]] bool marked(int column, int row) const { return marks_[place(column, row)] != 0; }
  /// Marks the tiles of the pixels x0 <= x < x1, y0 <= y < y1, as far as there are any.
  void mark(int x0, int x1, int y0, int y1);

 private:
  [[nodiscard]] std::size_t place(int column, int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(column);
  }

  int columns_ = 0;
  int rows_ = 0;
  std::vector<std::uint8_t> marks_;
};

/// The marked columns of each row of tiles.
class TileRuns {
 public:
  /// Columns x0 to x1 of every row.
  void set(int x0, int x1);
  /// Those of them whose tiles are marked.
  void set(const TileMap& map, int x0, int x1);
  /// In row y of pixels; from left to right, a tile or more between them.
  [[nodiscard]] std::span<const Run> at(int y) const;

 private:
  bool same_everywhere_ = true;
  std::vector<Run> runs_;
  std::vector<std::size_t> starts_;  ///< of a row of tiles; one more for the end
};

}  // namespace bundle_match::features::sift

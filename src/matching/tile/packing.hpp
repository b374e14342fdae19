// Descriptors and their keys in the layout of a tile kernel. See tile_kernel.hpp for both.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/descriptors.hpp"
#include "bundle_match/matching/distances.hpp"
#include "tile/aligned.hpp"
#include "tile/tile_kernel.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bundle_match::matching::tile {

/// Trains in a panel at most: their local index has 8 bits. Less than that keeps a panel and its
/// row keys in the first-level cache.
inline constexpr std::size_t kMaxPanelRows = 128;

[[nodiscard]] constexpr std::size_t panel_rows(const Shape& shape) {
  return kMaxPanelRows / shape.rows * shape.rows;
}

/// Column tiles in a chunk: the local index of a query is its vector's number, 8 bits.
[[nodiscard]] constexpr std::size_t chunk_tiles(const Shape& shape) {
  return (std::size_t{kIndexMask} + 1) / shape.vectors;
}

/// The query set, packed once.
struct PackedQueries {
  std::size_t tiles = 0;  ///< column tiles; the last one is padded
  AlignedVector<std::byte> elements;
  AlignedVector<std::int32_t> keys;         ///< one a column
  AlignedVector<std::int32_t> square_sums;  ///< |q|^2, one a column
};

[[nodiscard]] PackedQueries pack_queries(const Shape& shape, DescriptorView query);

/// A panel of trains, packed anew for every panel.
struct PackedTrains {
  std::size_t rows = 0;   ///< of real trains
  std::size_t tiles = 0;  ///< row tiles; the last one is padded
  AlignedVector<std::byte> elements;
  AlignedVector<std::int32_t> keys;
  AlignedVector<std::int32_t> row_offsets;  ///< distance = row offset - row score
};

/// Packs trains first, first + 1, ... as many as fit a panel.
void pack_trains(const Shape& shape, DescriptorView train, std::size_t first, PackedTrains& panel);

/// Of a vector's elements.
struct Sums {
  std::int32_t values = 0;
  std::int32_t squares = 0;
};

/// Vectors as the rows or the columns of a ProductTask; the last tile is padded with zeros.
struct PackedVectors {
  std::size_t tiles = 0;
  AlignedVector<std::byte> elements;
  std::vector<Sums> sums;  ///< of each
};

void pack_rows(const Shape& shape, VectorView rows, PackedVectors& packed);
void pack_columns(const Shape& shape, VectorView columns, PackedVectors& packed);

}  // namespace bundle_match::matching::tile

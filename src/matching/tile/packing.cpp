// Packs descriptors for the tile kernels.
// SPDX-License-Identifier: Apache-2.0
#include "tile/packing.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace bundle_match::matching::tile {
namespace {

// Of a descriptor, squares are at most 128 * 255^2 < 2^23.
Sums sums_of(const std::uint8_t* vector, std::size_t size) {
  Sums sums;
  for (std::size_t k = 0; k < size; ++k) {
    sums.values += vector[k];
    sums.squares += vector[k] * vector[k];
  }
  return sums;
}

std::int32_t key_of(std::int32_t score, std::size_t index) {
  return score * (kIndexMask + 1) + (kIndexMask - static_cast<std::int32_t>(index));
}

// One column into the lane that starts at `lane`; steps are `stride` bytes apart.
void scatter(const Shape& shape, const std::uint8_t* column, std::size_t size, std::byte* lane,
             std::size_t stride) {
  for (std::size_t first = 0; first < size; first += shape.group) {
    for (std::size_t k = 0; k < shape.group; ++k) {
      // Two's complement: the low byte of an int16 is the int8 (or uint8) of the same value.
      const auto value = static_cast<std::int16_t>(column[first + k] - shape.bias);
      std::byte* const at = lane + k * shape.element_bytes;
      if (shape.element_bytes == 1) {
        *at = static_cast<std::byte>(value);
      } else {
        std::memcpy(at, &value, sizeof value);
      }
    }
    lane += stride;
  }
}

void pack_row(const Shape& shape, const std::uint8_t* row, std::size_t size, std::byte* to) {
  if (shape.element_bytes == 1) {
    std::memcpy(to, row, size);
    return;
  }
  for (std::size_t k = 0; k < size; ++k) {
    const std::int16_t wide = row[k];
    std::memcpy(to + k * sizeof wide, &wide, sizeof wide);
  }
}

// Room for so many vectors in tiles of so many, all of it zero.
void reset(const Shape& shape, VectorView vectors, std::size_t of_tile, PackedVectors& packed) {
  packed.tiles = (vectors.rows + of_tile - 1) / of_tile;
  packed.elements.assign(packed.tiles * of_tile * vectors.size * shape.element_bytes, std::byte{0});
  packed.sums.resize(vectors.rows);
  for (std::size_t i = 0; i < vectors.rows; ++i) {
    packed.sums[i] = sums_of(vectors.row(i), vectors.size);
  }
}

}  // namespace

PackedQueries pack_queries(const Shape& shape, DescriptorView query) {
  PackedQueries packed;
  const std::size_t columns = shape.columns();
  const std::size_t lane_bytes = shape.group * shape.element_bytes;
  const std::size_t tile_bytes = columns * kDescriptorSize * shape.element_bytes;
  packed.tiles = (query.rows + columns - 1) / columns;
  packed.elements.assign(packed.tiles * tile_bytes, std::byte{0});
  packed.keys.assign(packed.tiles * columns, kNoKey);
  packed.square_sums.assign(packed.tiles * columns, 0);
  const std::size_t vectors_in_chunk = chunk_tiles(shape) * shape.vectors;
  for (std::size_t i = 0; i < query.rows; ++i) {
    std::byte* const tile = packed.elements.data() + i / columns * tile_bytes;
    scatter(shape, query.row(i), kDescriptorSize, tile + i % columns * lane_bytes,
            columns * lane_bytes);
    packed.square_sums[i] = sums_of(query.row(i), kDescriptorSize).squares;
    packed.keys[i] = key_of(-packed.square_sums[i], i / shape.lanes % vectors_in_chunk);
  }
  return packed;
}

void pack_trains(const Shape& shape, DescriptorView train, std::size_t first, PackedTrains& panel) {
  const std::size_t row_bytes = kDescriptorSize * shape.element_bytes;
  panel.rows = std::min(panel_rows(shape), train.rows - first);
  panel.tiles = (panel.rows + shape.rows - 1) / shape.rows;
  panel.elements.resize(panel.tiles * shape.rows * row_bytes);
  panel.keys.assign(panel.tiles * shape.rows, kNoKey);
  panel.row_offsets.resize(panel.rows);
  for (std::size_t r = 0; r < panel.rows; ++r) {
    const std::uint8_t* const descriptor = train.row(first + r);
    const Sums sums = sums_of(descriptor, kDescriptorSize);
    const std::int32_t correction = 2 * shape.bias * sums.values;
    pack_row(shape, descriptor, kDescriptorSize, panel.elements.data() + r * row_bytes);
    panel.keys[r] = key_of(correction - sums.squares, r);
    panel.row_offsets[r] = sums.squares - correction;
  }
  // Padding must be zero: with kNoKey any other sum could make a valid key.
  std::fill(panel.elements.begin() + static_cast<std::ptrdiff_t>(panel.rows * row_bytes),
            panel.elements.end(), std::byte{0});
}

void pack_rows(const Shape& shape, VectorView rows, PackedVectors& packed) {
  reset(shape, rows, shape.rows, packed);
  const std::size_t row_bytes = rows.size * shape.element_bytes;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    pack_row(shape, rows.row(i), rows.size, packed.elements.data() + i * row_bytes);
  }
}

void pack_columns(const Shape& shape, VectorView columns, PackedVectors& packed) {
  const std::size_t of_tile = shape.columns();
  reset(shape, columns, of_tile, packed);
  const std::size_t lane_bytes = shape.group * shape.element_bytes;
  const std::size_t tile_bytes = of_tile * columns.size * shape.element_bytes;
  for (std::size_t i = 0; i < columns.rows; ++i) {
    std::byte* const tile = packed.elements.data() + i / of_tile * tile_bytes;
    scatter(shape, columns.row(i), columns.size, tile + i % of_tile * lane_bytes,
            of_tile * lane_bytes);
  }
}

}  // namespace bundle_match::matching::tile

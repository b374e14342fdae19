// Packs descriptors for the tile kernels.
// SPDX-License-Identifier: Apache-2.0
#include "tile/packing.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace bundle_match::matching::tile {
namespace {

struct Sums {
  std::int32_t values = 0;   // at most 128 * 255
  std::int32_t squares = 0;  // at most 128 * 255^2 < 2^23
};

Sums sums_of(const std::uint8_t* descriptor) {
  Sums sums;
  for (std::size_t k = 0; k < kDescriptorSize; ++k) {
    sums.values += descriptor[k];
    sums.squares += descriptor[k] * descriptor[k];
  }
  return sums;
}

std::int32_t key_of(std::int32_t score, std::size_t index) {
  return score * (kIndexMask + 1) + (kIndexMask - static_cast<std::int32_t>(index));
}

// One query into the lane that starts at `lane`; steps are `stride` bytes apart.
void scatter(const Shape& shape, const std::uint8_t* query, std::byte* lane, std::size_t stride) {
  for (std::size_t k = 0; k < kDescriptorSize; ++k) {
    // Two's complement: the low byte of an int16 is the int8 (or uint8) of the same value.
    const auto value = static_cast<std::int16_t>(query[k] - shape.bias);
    std::byte* const at = lane + k / shape.group * stride + k % shape.group * shape.element_bytes;
    if (shape.element_bytes == 1) {
      *at = static_cast<std::byte>(value);
    } else {
      std::memcpy(at, &value, sizeof value);
    }
  }
}

void pack_row(const Shape& shape, const std::uint8_t* train, std::byte* to) {
  if (shape.element_bytes == 1) {
    std::memcpy(to, train, kDescriptorSize);
    return;
  }
  std::int16_t wide[kDescriptorSize];
  std::copy_n(train, kDescriptorSize, wide);
  std::memcpy(to, wide, sizeof wide);
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
    scatter(shape, query.row(i), tile + i % columns * lane_bytes, columns * lane_bytes);
    packed.square_sums[i] = sums_of(query.row(i)).squares;
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
    const Sums sums = sums_of(descriptor);
    const std::int32_t correction = 2 * shape.bias * sums.values;
    pack_row(shape, descriptor, panel.elements.data() + r * row_bytes);
    panel.keys[r] = key_of(correction - sums.squares, r);
    panel.row_offsets[r] = sums.squares - correction;
  }
  // Padding must be zero: with kNoKey any other sum could make a valid key.
  std::fill(panel.elements.begin() + static_cast<std::ptrdiff_t>(panel.rows * row_bytes),
            panel.elements.end(), std::byte{0});
}

}  // namespace bundle_match::matching::tile

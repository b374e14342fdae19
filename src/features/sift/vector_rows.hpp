// Differences and extrema in vectors.
// For inclusion by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "scalar_math.hpp"

#include <cstdint>

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

/// `Layers` or, if that is 0, `layers` layers have extrema.
template <typename V, int Layers>
BUNDLE_MATCH_INLINE void subtract_layers(const float* const* rows, float* const* out, int layers,
                                         int width, float threshold, std::uint8_t* busy) {
  const int last = Layers > 0 ? Layers + 1 : layers + 1;
  const auto limit = V::all(threshold);
  for (int x = 0; x < width; x += kSearchBlock) {
    unsigned above = 0;
    for (int i = x; i < x + kSearchBlock; i += V::kLanes) {
      auto lower = V::load(rows[1] + i);
      V::store(out[0] + i, V::sub(lower, V::load(rows[0] + i)));
      auto largest = V::all(0.0F);
#pragma GCC unroll 8
      for (int layer = 1; layer < last; ++layer) {
        const auto upper = V::load(rows[layer + 1] + i);
        const auto difference = V::sub(upper, lower);
        V::store(out[layer] + i, difference);
        largest = V::max(largest, V::magnitude(difference));
        lower = upper;
      }
      V::store(out[last] + i, V::sub(V::load(rows[last + 1] + i), lower));
      above |= V::above(largest, limit);
    }
    busy[x / kSearchBlock] = above != 0 ? 1 : 0;
  }
}

template <typename V>
void subtract_rows(const float* const* rows, float* const* out, int layers, int width,
                   float threshold, std::uint8_t* busy) {
  if (layers == 3) {  // by default
    subtract_layers<V, 3>(rows, out, layers, width, threshold, busy);
  } else {
    subtract_layers<V, 0>(rows, out, layers, width, threshold, busy);
  }
}

constexpr int kPiece = 256;  ///< columns searched at a time

/// The highest and lowest of nine rows, three of each of three layers, column by column.
struct Extent {
  alignas(64) float high[kPiece + 32];
  alignas(64) float low[kPiece + 32];
};

template <typename V>
struct Range {
  typename V::Float high, low;
};

template <typename V>
BUNDLE_MATCH_INLINE Range<V> range_of_rows(const float* const* rows, int x) {
  const auto a = V::load(rows[0] + x);
  const auto b = V::load(rows[1] + x);
  const auto c = V::load(rows[2] + x);
  return {V::max(V::max(a, b), c), V::min(V::min(a, b), c)};
}

/// Which of `count` blocks are busy, one bit each.
inline unsigned bits_of(const std::uint8_t* busy, int count) {
  unsigned bits = 0;
  for (int block = 0; block < count; ++block) {
    bits |= (busy[block] != 0 ? 1U : 0U) << block;
  }
  return bits;
}

/// Extents of every layer for 16 columns from x on, from `i` on.
template <typename V>
BUNDLE_MATCH_INLINE void measure(const float* const* rows, int layers, int x, int i,
                                 Extent* extents) {
  for (const int end = x + kSearchBlock; x < end; x += V::kLanes, i += V::kLanes) {
    Range<V> below = range_of_rows<V>(rows, x);
    Range<V> here = range_of_rows<V>(rows + 3, x);
    for (int layer = 0; layer < layers; ++layer) {
      const Range<V> above = range_of_rows<V>(rows + 3 * (layer + 2), x);
      V::store(extents[layer].high + i, V::max(V::max(below.high, here.high), above.high));
      V::store(extents[layer].low + i, V::min(V::min(below.low, here.low), above.low));
      below = here;
      here = above;
    }
  }
}

/// Which of the pixels from column x on are as high or low as their surroundings.
template <typename V>
BUNDLE_MATCH_INLINE unsigned extreme_lanes(const float* row, const Extent& extent, int x, int i,
                                           float threshold) {
  const auto value = V::load(row + x);
  const auto high = V::max(V::max(V::load(extent.high + i - 1), V::load(extent.high + i + 1)),
                           V::load(extent.high + i));
  const auto low = V::min(V::min(V::load(extent.low + i - 1), V::load(extent.low + i + 1)),
                          V::load(extent.low + i));
  const unsigned highest = V::at_least(value, high) & V::above(value, V::all(threshold));
  const unsigned lowest = V::at_least(low, value) & V::above(V::all(-threshold), value);
  return highest | lowest;
}

template <typename V>
void find_extrema(const float* const* rows, const std::uint8_t* busy_blocks, int layers, int x0,
                  int x1, float threshold, int* columns, int* counts) {
  Extent extents[kMostLayers];
  for (int layer = 0; layer < layers; ++layer) {
    counts[layer] = 0;
  }
  for (int first = x0 / kSearchBlock * kSearchBlock; first < x1; first += kPiece) {
    const int count = (smaller(kPiece, x1 - first) + kSearchBlock - 1) / kSearchBlock;
    const unsigned busy = bits_of(busy_blocks + first / kSearchBlock, count);
    // Their neighbours, too; bit b is for the columns from first + (b - 1) * kSearchBlock on.
    for (unsigned wanted = busy | busy << 1 | busy << 2; wanted != 0; wanted &= wanted - 1) {
      const int i = __builtin_ctz(wanted) * kSearchBlock;
      measure<V>(rows, layers, first - kSearchBlock + i, i, extents);
    }
    for (int layer = 0; layer < layers; ++layer) {
      int* const found = columns + layer * (x1 - x0);
      for (unsigned blocks = busy; blocks != 0; blocks &= blocks - 1) {
        const int start = __builtin_ctz(blocks) * kSearchBlock;
        for (int i = start; i < start + kSearchBlock; i += V::kLanes) {
          unsigned lanes = extreme_lanes<V>(rows[3 * layer + 4], extents[layer], first + i,
                                            i + kSearchBlock, threshold);
          for (; lanes != 0; lanes &= lanes - 1) {
            const int column = first + i + __builtin_ctz(lanes);
            if (column >= x0 && column < x1) {
              found[counts[layer]++] = column;
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

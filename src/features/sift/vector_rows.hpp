// The remaining row kernels in vectors: doubling, differences, extrema.
// For inclusion by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "scalar_math.hpp"

#include <cstdint>
#include <immintrin.h>

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

/// Eight sums 3 * near + far.
inline __m256i three_to_one(const std::uint8_t* near, const std::uint8_t* far) {
  const __m256i n = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(near)));
  const __m256i f = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(far)));
  return _mm256_add_epi32(_mm256_add_epi32(n, f), _mm256_add_epi32(n, n));
}

void double_row(const std::uint8_t* near, const std::uint8_t* far, int width, int x0, int x1,
                float* out) {
  const auto pixel = [&](int x) {
    const auto column = [&](int i) {
      i = i < 0 ? 0 : i < width ? i : width - 1;
      return 3 * near[i] + far[i];
    };
    const int nearer = x >> 1;
    return static_cast<float>(3 * column(nearer) + column((x & 1) != 0 ? nearer + 1 : nearer - 1)) *
           (1.0F / 16);
  };
  int x = x0;
  for (; x < x1 && (x < 2 || (x & 1) != 0); ++x) {
    out[x - x0] = pixel(x);
  }
  const __m256 scale = _mm256_set1_ps(1.0F / 16);
  for (; x + 16 <= x1 && x / 2 + 9 <= width; x += 16) {
    const int i = x / 2;
    const __m256i here = three_to_one(near + i, far + i);
    const __m256i three = _mm256_add_epi32(here, _mm256_add_epi32(here, here));
    const __m256i even = _mm256_add_epi32(three, three_to_one(near + i - 1, far + i - 1));
    const __m256i odd = _mm256_add_epi32(three, three_to_one(near + i + 1, far + i + 1));
    const __m256 e = _mm256_mul_ps(_mm256_cvtepi32_ps(even), scale);
    const __m256 o = _mm256_mul_ps(_mm256_cvtepi32_ps(odd), scale);
    const __m256 low = _mm256_unpacklo_ps(e, o);
    const __m256 high = _mm256_unpackhi_ps(e, o);
    _mm256_storeu_ps(out + x - x0, _mm256_permute2f128_ps(low, high, 0x20));
    _mm256_storeu_ps(out + x - x0 + 8, _mm256_permute2f128_ps(low, high, 0x31));
  }
  for (; x < x1; ++x) {
    out[x - x0] = pixel(x);
  }
}

template <typename V>
void subtract_row(const float* a, const float* b, float* out, int width) {
  for (int x = 0; x < width; x += V::kLanes) {
    V::store(out + x, V::sub(V::load(a + x), V::load(b + x)));
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

/// Extents of the columns first - 16 to first + count + 16 for every layer.
template <typename V>
BUNDLE_MATCH_INLINE void measure(const float* const* rows, int layers, int first, int count,
                                 Extent* extents) {
  for (int i = 0; i < count + 32; i += V::kLanes) {
    const int x = first - 16 + i;
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
void find_extrema(const float* const* rows, int layers, int x0, int x1, float threshold,
                  int* columns, int* counts) {
  Extent extents[kMostLayers];
  for (int layer = 0; layer < layers; ++layer) {
    counts[layer] = 0;
  }
  for (int first = x0 / 16 * 16; first < x1; first += kPiece) {
    const int count = (smaller(kPiece, x1 - first) + 15) / 16 * 16;
    measure<V>(rows, layers, first, count, extents);
    for (int layer = 0; layer < layers; ++layer) {
      for (int i = 0; i < count; i += V::kLanes) {
        const int x = first + i;
        unsigned lanes =
            extreme_lanes<V>(rows[3 * layer + 4], extents[layer], x, i + 16, threshold);
        for (; lanes != 0; lanes &= lanes - 1) {
          const int column = x + __builtin_ctz(lanes);
          if (column >= x0 && column < x1) {
            columns[layer * (x1 - x0) + counts[layer]++] = column;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

// The remaining row kernels in vectors: doubling, differences, extrema.
// For inclusion by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scalar_math.hpp"

#include <cstdint>
#include <immintrin.h>

namespace bundle_match::features::sift {
namespace {

/// Eight sums 3 * near + far.
inline __m256i three_to_one(const std::uint8_t* near, const std::uint8_t* far) {
  const __m256i n = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(near)));
  const __m256i f = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(far)));
  return _mm256_add_epi32(_mm256_add_epi32(n, f), _mm256_add_epi32(n, n));
}

void double_row(const std::uint8_t* near, const std::uint8_t* far, int width, int x0, int x1, float* out) {
  const auto pixel = [&](int x) {
    const auto column = [&](int i) {
      i = i < 0 ? 0 : i < width ? i : width - 1;
      return 3 * near[i] + far[i];
    };
    const int nearer = x >> 1;
    return static_cast<float>(3 * column(nearer) + column((x & 1) != 0 ? nearer + 1 : nearer - 1)) * (1.0F / 16);
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

/// Highest and lowest values of some neighbours.
template <typename V>
struct Range {
  typename V::Float high, low;

  void widen(const float* p) {
    const auto a = V::load(p);
    high = V::max(high, a);
    low = V::min(low, a);
  }
  void widen_by_row(const float* p) {
    widen(p - 1);
    widen(p);
    widen(p + 1);
  }
};

/// Which of `lanes` hold a pixel as extreme as the range or more so, away from zero.
template <typename V>
BUNDLE_MATCH_INLINE unsigned outside(typename V::Float value, typename V::Float zero, const Range<V>& range,
                                     unsigned lanes) {
  const unsigned positive = V::above(value, zero);
  const unsigned highest = V::at_least(value, range.high);
  const unsigned lowest = V::at_least(range.low, value);
  return lanes & ((positive & highest) | (~positive & lowest));
}

/// Most pixels drop out on their threshold or on the four nearest neighbours.
template <typename V>
BUNDLE_MATCH_INLINE unsigned extreme_lanes(const float* const* below, const float* const* here,
                                           const float* const* above, int x, float threshold) {
  const auto value = V::load(here[1] + x);
  const auto zero = V::all(0.0F);
  unsigned lanes = V::above(V::magnitude(value), V::all(threshold));
  if (lanes == 0) {
    return 0;
  }
  Range<V> range{V::load(here[1] + x - 1), V::load(here[1] + x - 1)};
  range.widen(here[1] + x + 1);
  range.widen(here[0] + x);
  range.widen(here[2] + x);
  lanes = outside<V>(value, zero, range, lanes);
  if (lanes == 0) {
    return 0;
  }
  range.widen(here[0] + x - 1);
  range.widen(here[0] + x + 1);
  range.widen(here[2] + x - 1);
  range.widen(here[2] + x + 1);
  lanes = outside<V>(value, zero, range, lanes);
  if (lanes == 0) {
    return 0;
  }
  for (int i = 0; i < 3; ++i) {
    range.widen_by_row(below[i] + x);
    range.widen_by_row(above[i] + x);
  }
  return outside<V>(value, zero, range, lanes);
}

template <typename V>
int find_extrema(const float* const* below, const float* const* here, const float* const* above, int x0, int x1,
                 float threshold, int* columns) {
  int count = 0;
  for (int x = x0; x < x1; x += V::kLanes) {
    unsigned lanes = extreme_lanes<V>(below, here, above, x, threshold);
    if (x1 - x < V::kLanes) {
      lanes &= (1U << (x1 - x)) - 1;
    }
    for (; lanes != 0; lanes &= lanes - 1) {
      columns[count++] = x + __builtin_ctz(lanes);
    }
  }
  return count;
}

}  // namespace
}  // namespace bundle_match::features::sift

// Doubling a row with AVX2. For inclusion by files compiled for it: everything has internal
// linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <immintrin.h>

// Offsets within a row: an int holds their products.
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

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

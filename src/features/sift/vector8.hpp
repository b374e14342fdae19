// Eight floats at a time with AVX2 and FMA, under the names that the vectorized kernels use.
// For inclusion by files compiled for these instructions: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scalar_math.hpp"

#include <immintrin.h>

namespace bundle_match::features::sift {
namespace {

struct Vector8 {
  using Float = __m256;
  using Int = __m256i;
  static constexpr int kLanes = 8;
  static constexpr unsigned kAllLanes = 0xFF;

  static Float load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Float a) { _mm256_storeu_ps(p, a); }
  static void store(int* p, Int a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a); }
  static Float all(float a) { return _mm256_set1_ps(a); }
  static Int all(int a) { return _mm256_set1_epi32(a); }
  static Int count_from(int a) {
    return _mm256_add_epi32(all(a), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }

  static Float add(Float a, Float b) { return _mm256_add_ps(a, b); }
  static Float sub(Float a, Float b) { return _mm256_sub_ps(a, b); }
  static Float mul(Float a, Float b) { return _mm256_mul_ps(a, b); }
  static Float div(Float a, Float b) { return _mm256_div_ps(a, b); }
  static Float root(Float a) { return _mm256_sqrt_ps(a); }
  static Float fma(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
  static Float fms(Float a, Float b, Float c) { return _mm256_fmsub_ps(a, b, c); }
  static Float min(Float a, Float b) { return _mm256_min_ps(a, b); }
  static Float max(Float a, Float b) { return _mm256_max_ps(a, b); }
  static Float magnitude(Float a) { return _mm256_andnot_ps(all(-0.0F), a); }
  static Float floor(Float a) { return _mm256_floor_ps(a); }

  static Float to_float(Int a) { return _mm256_cvtepi32_ps(a); }
  static Int round(Float a) { return _mm256_cvtps_epi32(a); }
  static Int add(Int a, Int b) { return _mm256_add_epi32(a, b); }
  static Int sub(Int a, Int b) { return _mm256_sub_epi32(a, b); }
  static Int mul(Int a, Int b) { return _mm256_mullo_epi32(a, b); }
  static Int max(Int a, Int b) { return _mm256_max_epi32(a, b); }
  static Int bits_and(Int a, Int b) { return _mm256_and_si256(a, b); }
  template <int N>
  static Int shift_left(Int a) {
    return _mm256_slli_epi32(a, N);
  }
  template <int N>
  static Int shift_right(Int a) {
    return _mm256_srai_epi32(a, N);
  }
  static Float as_float(Int a) { return _mm256_castsi256_ps(a); }

  /// Lanes `N` and on of a, then the first ones of b.
  template <int N>
  static Float shifted(Float a, Float b) {
    const Int low = _mm256_castps_si256(a);
    const Int high = _mm256_castps_si256(b);
    const Int middle = _mm256_permute2x128_si256(low, high, 0x21);
    if constexpr (N < 4) {
      return as_float(_mm256_alignr_epi8(middle, low, 4 * N));
    } else {
      return as_float(_mm256_alignr_epi8(high, middle, 4 * N - 16));
    }
  }

  /// One bit a lane.
  static unsigned at_least(Float a, Float b) { return bits(_mm256_cmp_ps(a, b, _CMP_GE_OQ)); }
  static unsigned above(Float a, Float b) { return bits(_mm256_cmp_ps(a, b, _CMP_GT_OQ)); }
  /// a where a < b holds, else c.
  static Float where_less(Float a, Float b, Float if_less, Float otherwise) {
    return _mm256_blendv_ps(otherwise, if_less, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
  }
  /// a - b where a >= limit, else a.
  static Int subtract_from(Int a, int limit, int b) {
    return _mm256_sub_epi32(a, _mm256_and_si256(_mm256_cmpgt_epi32(a, all(limit - 1)), all(b)));
  }
  /// a + b where a < 0, else a.
  static Int add_if_negative(Int a, int b) {
    return _mm256_add_epi32(a, _mm256_and_si256(_mm256_srai_epi32(a, 31), all(b)));
  }
  static Float exp_table(Int index) { return _mm256_i32gather_ps(kExpTable, index, 4); }
  /// Pairs (a, b) of lanes 0 and 1 of each quarter; of lanes 2 and 3.
  static Float pairs_low(Float a, Float b) { return _mm256_unpacklo_ps(a, b); }
  static Float pairs_high(Float a, Float b) { return _mm256_unpackhi_ps(a, b); }
  /// Lanes 0 and 1 of each quarter of a, then of b; lanes 2 and 3.
  static Float halves_low(Float a, Float b) {
    return _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
  }
  static Float halves_high(Float a, Float b) {
    return _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
  }
  /// Adds terms[0] and [1] to two sums from `first` on, [2] and [3] to two from `second` on.
  static void add_pairs(float* first, float* second, const float* terms) {
    // Two lanes of each sum, and no more: a wider load would have to wait for two stores.
    __m128 sums = _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(first)));
    sums = _mm_loadh_pi(sums, reinterpret_cast<const __m64*>(second));
    sums = _mm_add_ps(sums, _mm_load_ps(terms));
    _mm_storel_pi(reinterpret_cast<__m64*>(first), sums);
    _mm_storeh_pi(reinterpret_cast<__m64*>(second), sums);
  }

 private:
  static unsigned bits(Float mask) { return static_cast<unsigned>(_mm256_movemask_ps(mask)); }
};

}  // namespace
}  // namespace bundle_match::features::sift

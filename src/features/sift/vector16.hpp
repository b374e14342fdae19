// Sixteen floats at a time with AVX-512, under the names that the vectorized kernels use.
// For inclusion by files compiled for these instructions: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scalar_math.hpp"

#include <immintrin.h>

namespace bundle_match::features::sift {
namespace {

struct Vector16 {
  using Float = __m512;
  using Int = __m512i;
  static constexpr int kLanes = 16;
  static constexpr unsigned kAllLanes = 0xFFFF;

  static Float load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Float a) { _mm512_storeu_ps(p, a); }
  static void store(int* p, Int a) { _mm512_storeu_si512(p, a); }
  static Float all(float a) { return _mm512_set1_ps(a); }
  static Int all(int a) { return _mm512_set1_epi32(a); }
  static Int count_from(int a) {
    return _mm512_add_epi32(
        all(a), _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  }

  static Float add(Float a, Float b) { return _mm512_add_ps(a, b); }
  static Float sub(Float a, Float b) { return _mm512_sub_ps(a, b); }
  static Float mul(Float a, Float b) { return _mm512_mul_ps(a, b); }
  static Float div(Float a, Float b) { return _mm512_div_ps(a, b); }
  static Float root(Float a) { return _mm512_sqrt_ps(a); }
  static Float fma(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
  static Float fms(Float a, Float b, Float c) { return _mm512_fmsub_ps(a, b, c); }
  static Float min(Float a, Float b) { return _mm512_min_ps(a, b); }
  static Float max(Float a, Float b) { return _mm512_max_ps(a, b); }
  static Float magnitude(Float a) { return _mm512_abs_ps(a); }
  static Float floor(Float a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  }

  static Float to_float(Int a) { return _mm512_cvtepi32_ps(a); }
  static Int round(Float a) { return _mm512_cvtps_epi32(a); }
  static Int add(Int a, Int b) { return _mm512_add_epi32(a, b); }
  static Int sub(Int a, Int b) { return _mm512_sub_epi32(a, b); }
  static Int mul(Int a, Int b) { return _mm512_mullo_epi32(a, b); }
  static Int max(Int a, Int b) { return _mm512_max_epi32(a, b); }
  static Int bits_and(Int a, Int b) { return _mm512_and_si512(a, b); }
  template <int N>
  static Int shift_left(Int a) {
    return _mm512_slli_epi32(a, N);
  }
  template <int N>
  static Int shift_right(Int a) {
    return _mm512_srai_epi32(a, N);
  }
  static Float as_float(Int a) { return _mm512_castsi512_ps(a); }

  /// Lanes `N` and on of a, then the first ones of b.
  template <int N>
  static Float shifted(Float a, Float b) {
    return as_float(_mm512_alignr_epi32(_mm512_castps_si512(b), _mm512_castps_si512(a), N));
  }

  /// One bit a lane.
  static unsigned at_least(Float a, Float b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
  static unsigned above(Float a, Float b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
  /// a where a < b holds, else c.
  static Float where_less(Float a, Float b, Float if_less, Float otherwise) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), otherwise, if_less);
  }
  /// a - b where a >= limit, else a.
  static Int subtract_from(Int a, int limit, int b) {
    return _mm512_mask_sub_epi32(a, _mm512_cmpge_epi32_mask(a, all(limit)), a, all(b));
  }
  /// a + b where a < 0, else a.
  static Int add_if_negative(Int a, int b) {
    return _mm512_mask_add_epi32(a, _mm512_movepi32_mask(a), a, all(b));
  }
  static Float exp_table(Int index) {
    const Float low = _mm512_permutex2var_ps(load(kExpTable), index, load(kExpTable + 16));
    const Float high = _mm512_permutex2var_ps(load(kExpTable + 32), index, load(kExpTable + 48));
    return _mm512_mask_blend_ps(_mm512_test_epi32_mask(index, all(32)), low, high);
  }
};

}  // namespace
}  // namespace bundle_match::features::sift

// Four sums in two places, for vectors of any length on x86.
// For inclusion by files compiled for their instructions: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

namespace bundle_match::features::sift {
namespace {

struct X86Pair {
  /// Adds terms[0] and [1] to two sums from `first` on, [2] and [3] to two from `second` on.
  static void add_pairs(float* first, float* second, const float* terms) {
    // Two lanes of each sum, and no more: a wider load would have to wait for two stores.
    __m128 sums = _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(first)));
    sums = _mm_loadh_pi(sums, reinterpret_cast<const __m64*>(second));
    sums = _mm_add_ps(sums, _mm_load_ps(terms));
    _mm_storel_pi(reinterpret_cast<__m64*>(first), sums);
    _mm_storeh_pi(reinterpret_cast<__m64*>(second), sums);
  }
};

}  // namespace
}  // namespace bundle_match::features::sift

// Two floats at a time, for vectors of any length on x86.
// For inclusion by files compiled for their instructions: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

namespace bundle_match::features::sift {
namespace {

struct X86Pair {
  /// sums[0] += terms[0], sums[1] += terms[1].
  static void add_pair(float* sums, const float* terms) {
    // Two lanes of each, and no more: a wider load would have to wait for two stores.
    const __m128 sum =
        _mm_add_ps(_mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(sums))),
                   _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(terms))));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(sums), _mm_castps_si128(sum));
  }
};

}  // namespace
}  // namespace bundle_match::features::sift

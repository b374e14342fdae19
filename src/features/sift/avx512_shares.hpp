// How AVX-512 adds a descriptor's samples to its bins: whole lines of eight columns, of which a
// mask chooses two. For inclusion by files compiled for it: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vector16.hpp"
#include "vector_shares.hpp"

#include <immintrin.h>

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

/// Neighbouring samples often go to neighbouring columns. A load of two columns of which an earlier
/// store has written one waits until that store has left the processor's queue; loads and stores of
/// the same whole line do not.
class LineShares {
 public:
  BUNDLE_MATCH_INLINE void set(const Weights<Vector16>& w) {
    _mm512_store_si512(line_, w.line);
    _mm512_store_si512(columns_, _mm512_sllv_epi32(_mm512_set1_epi32(3), w.column));
    // Broadcast over the line, a pair puts its first half into the even columns.
    const __mmask16 odd = _mm512_test_epi32_mask(w.column, _mm512_set1_epi32(1));
    set_row(0, _mm512_mask_blend_ps(odd, w.w00, w.w01), _mm512_mask_blend_ps(odd, w.w01, w.w00),
            w.turn);
    set_row(2, _mm512_mask_blend_ps(odd, w.w10, w.w11), _mm512_mask_blend_ps(odd, w.w11, w.w10),
            w.turn);
  }

  BUNDLE_MATCH_INLINE void add(float* bins, int lane) const {
    float* line = bins + line_[lane];
    const auto columns = static_cast<__mmask8>(columns_[lane]);
    const int place = lane % 4 / 2 * Vector16::kLanes + lane / 4 * 4 + lane % 2 * 2;
    add_pair(line, columns, pairs_[0] + place);
    add_pair(line + kDirectionStride, columns, pairs_[1] + place);
    add_pair(line + kBinRowStride, columns, pairs_[2] + place);
    add_pair(line + kBinRowStride + kDirectionStride, columns, pairs_[3] + place);
  }

 private:
  /// Of one direction, and of the next.
  void set_row(int which, __m512 even, __m512 odd, __m512 turn) {
    const __m512 next_even = _mm512_mul_ps(even, turn);
    const __m512 next_odd = _mm512_mul_ps(odd, turn);
    set_pairs(pairs_[which], _mm512_sub_ps(even, next_even), _mm512_sub_ps(odd, next_odd));
    set_pairs(pairs_[which + 1], next_even, next_odd);
  }
  static void set_pairs(float* pairs, __m512 even, __m512 odd) {
    _mm512_store_ps(pairs, _mm512_unpacklo_ps(even, odd));
    _mm512_store_ps(pairs + Vector16::kLanes, _mm512_unpackhi_ps(even, odd));
  }
  static void add_pair(float* line, __mmask8 columns, const float* pair) {
    const __m256 sums = _mm256_load_ps(line);
    const __m256d terms = _mm256_broadcast_sd(reinterpret_cast<const double*>(pair));
    _mm256_store_ps(line, _mm256_mask_add_ps(sums, columns, sums, _mm256_castpd_ps(terms)));
  }

  alignas(64) int line_[Vector16::kLanes];
  alignas(64) int columns_[Vector16::kLanes];  ///< two bits of a mask
  alignas(64) float pairs_[4][2 * Vector16::kLanes];
};

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

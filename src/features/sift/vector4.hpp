// Four floats at a time with NEON on 64-bit Arm, under the names that the vectorized kernels use.
// For inclusion by files compiled for it: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scalar_math.hpp"

#include <arm_neon.h>
#include <cstdint>

namespace bundle_match::features::sift {
namespace {

struct Vector4 {
  using Float = float32x4_t;
  using Int = int32x4_t;
  static constexpr int kLanes = 4;
  static constexpr unsigned kAllLanes = 0xF;

  static Float load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, Float a) { vst1q_f32(p, a); }
  static void store(int* p, Int a) { vst1q_s32(p, a); }
  static Float all(float a) { return vdupq_n_f32(a); }
  static Int all(int a) { return vdupq_n_s32(a); }
  static Int count_from(int a) {
    constexpr std::int32_t kSteps[] = {0, 1, 2, 3};
    return vaddq_s32(all(a), vld1q_s32(kSteps));
  }

  static Float add(Float a, Float b) { return vaddq_f32(a, b); }
  static Float sub(Float a, Float b) { return vsubq_f32(a, b); }
  static Float mul(Float a, Float b) { return vmulq_f32(a, b); }
  static Float div(Float a, Float b) { return vdivq_f32(a, b); }
  static Float root(Float a) { return vsqrtq_f32(a); }
  static Float fma(Float a, Float b, Float c) { return vfmaq_f32(c, a, b); }
  static Float fms(Float a, Float b, Float c) { return vfmaq_f32(vnegq_f32(c), a, b); }
  static Float min(Float a, Float b) { return vminq_f32(a, b); }
  static Float max(Float a, Float b) { return vmaxq_f32(a, b); }
  static Float magnitude(Float a) { return vabsq_f32(a); }
  static Float floor(Float a) { return vrndmq_f32(a); }

  static Float to_float(Int a) { return vcvtq_f32_s32(a); }
  static Int round(Float a) { return vcvtnq_s32_f32(a); }
  static Int add(Int a, Int b) { return vaddq_s32(a, b); }
  static Int sub(Int a, Int b) { return vsubq_s32(a, b); }
  static Int mul(Int a, Int b) { return vmulq_s32(a, b); }
  static Int max(Int a, Int b) { return vmaxq_s32(a, b); }
  static Int bits_and(Int a, Int b) { return vandq_s32(a, b); }
  template <int N>
  static Int shift_left(Int a) {
    return vshlq_n_s32(a, N);
  }
  template <int N>
  static Int shift_right(Int a) {
    return vshrq_n_s32(a, N);
  }
  static Float as_float(Int a) { return vreinterpretq_f32_s32(a); }

  /// Lanes `N` and on of a, then the first ones of b.
  template <int N>
  static Float shifted(Float a, Float b) {
    return vextq_f32(a, b, N);
  }

  /// One bit a lane.
  static unsigned at_least(Float a, Float b) { return bits(vcgeq_f32(a, b)); }
  static unsigned above(Float a, Float b) { return bits(vcgtq_f32(a, b)); }
  /// a where a < b holds, else c.
  static Float where_less(Float a, Float b, Float if_less, Float otherwise) {
    return vbslq_f32(vcltq_f32(a, b), if_less, otherwise);
  }
  /// a - b where a >= limit, else a.
  static Int subtract_from(Int a, int limit, int b) {
    return vsubq_s32(a, vandq_s32(vreinterpretq_s32_u32(vcgeq_s32(a, all(limit))), all(b)));
  }
  /// a + b where a < 0, else a.
  static Int add_if_negative(Int a, int b) {
    return vaddq_s32(a, vandq_s32(vshrq_n_s32(a, 31), all(b)));
  }
  static Float exp_table(Int index) {
    const float values[] = {
        kExpTable[vgetq_lane_s32(index, 0)], kExpTable[vgetq_lane_s32(index, 1)],
        kExpTable[vgetq_lane_s32(index, 2)], kExpTable[vgetq_lane_s32(index, 3)]};
    return load(values);
  }
  /// Pairs (a, b) of lanes 0 and 1; of lanes 2 and 3.
  static Float pairs_low(Float a, Float b) { return vzip1q_f32(a, b); }
  static Float pairs_high(Float a, Float b) { return vzip2q_f32(a, b); }
  /// Lanes 0 and 1 of a, then of b; lanes 2 and 3.
  static Float halves_low(Float a, Float b) {
    return vcombine_f32(vget_low_f32(a), vget_low_f32(b));
  }
  static Float halves_high(Float a, Float b) {
    return vcombine_f32(vget_high_f32(a), vget_high_f32(b));
  }
  /// Adds terms[0] and [1] to two sums from `first` on, [2] and [3] to two from `second` on.
  static void add_pairs(float* first, float* second, const float* terms) {
    vst1_f32(first, vadd_f32(vld1_f32(first), vld1_f32(terms)));
    vst1_f32(second, vadd_f32(vld1_f32(second), vld1_f32(terms + 2)));
  }

 private:
  static unsigned bits(uint32x4_t mask) {
    constexpr std::uint32_t kBits[] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(mask, vld1q_u32(kBits)));
  }
};

}  // namespace
}  // namespace bundle_match::features::sift

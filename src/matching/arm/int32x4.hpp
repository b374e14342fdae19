// What the NEON kernels have in common: four int32 lanes.
// In an anonymous namespace on purpose, see tile/loop.hpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arm_neon.h>
#include <cstddef>
#include <cstdint>

namespace bundle_match::matching::arm {
namespace {

struct Int32x4 {
  using Vector = int32x4_t;

  static Vector load(const std::int32_t* at) { return vld1q_s32(at); }
  static void store(std::int32_t* at, Vector v) { vst1q_s32(at, v); }
  static Vector broadcast(std::int32_t value) { return vdupq_n_s32(value); }
  template <int kBits>
  static Vector shift_left(Vector v) {
    return vshlq_n_s32(v, kBits);
  }
  static Vector add(Vector a, Vector b) { return vaddq_s32(a, b); }
  static Vector max(Vector a, Vector b) { return vmaxq_s32(a, b); }
  static Vector min(Vector a, Vector b) { return vminq_s32(a, b); }
};

}  // namespace
}  // namespace bundle_match::matching::arm

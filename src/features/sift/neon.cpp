// SIFT's kernels in NEON, for 64-bit Arm.
// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"
#include "scalar_keypoint.hpp"
#include "scalar_math.hpp"
#include "variants.hpp"
#include "vector4.hpp"
#include "vector_blur.hpp"
#include "vector_descriptor.hpp"
#include "vector_rows.hpp"
#include "vector_samples.hpp"

#include <arm_neon.h>
#include <cstdint>

namespace bundle_match::features::sift {
namespace {

/// Eight sums 3 * near + far.
uint16x8_t three_to_one(const std::uint8_t* near, const std::uint8_t* far) {
  return vaddq_u16(vmovl_u8(vld1_u8(far)), vmulq_n_u16(vmovl_u8(vld1_u8(near)), 3));
}

void store_sixteenths(float* out, uint16x4_t sums) {
  vst1q_f32(out, vmulq_n_f32(vcvtq_f32_u32(vmovl_u16(sums)), 1.0F / 16));
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
  for (; x + 16 <= x1 && x / 2 + 9 <= width; x += 16) {
    const int i = x / 2;
    const uint16x8_t three = vmulq_n_u16(three_to_one(near + i, far + i), 3);
    const uint16x8_t even = vaddq_u16(three, three_to_one(near + i - 1, far + i - 1));
    const uint16x8_t odd = vaddq_u16(three, three_to_one(near + i + 1, far + i + 1));
    const uint16x8_t low = vzip1q_u16(even, odd);
    const uint16x8_t high = vzip2q_u16(even, odd);
    store_sixteenths(out + x - x0, vget_low_u16(low));
    store_sixteenths(out + x - x0 + 4, vget_high_u16(low));
    store_sixteenths(out + x - x0 + 8, vget_low_u16(high));
    store_sixteenths(out + x - x0 + 12, vget_high_u16(high));
  }
  for (; x < x1; ++x) {
    out[x - x0] = pixel(x);
  }
}

constexpr KernelTable kTable = {
    double_row,
    blur_row_vectorized<Vector4, SharedPixels<8>, SharedPixels<8>, SharedPixels<8>>,
    blur_columns_vectorized<Vector4, 4>,
    subtract_rows<Vector4>,
    find_extrema<Vector4>,
    refine_extremum,
    orientations<Vector4>,
    describe<Vector4, PairShares<Vector4>>};

}  // namespace

const KernelTable& neon_kernels() { return kTable; }

}  // namespace bundle_match::features::sift

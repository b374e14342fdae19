// NEON with the dot-product extension: udot multiplies 16 pairs of uint8 and adds them four by
// four to 4 uint32.
//
// No overflow: all 128 products sum to at most 8,323,200 < 2^31.
// SPDX-License-Identifier: Apache-2.0
#include "arm/int32x4.hpp"
#include "arm/kernels.hpp"
#include "tile/loop.hpp"

#include <cstdint>
#include <cstring>

namespace bundle_match::matching::arm {
namespace {

struct NeonDotprod : Int32x4 {
  using Query = uint8x16_t;
  using Train = uint8x16_t;
  // 24 sums, 4 queries, 1 train of 32 registers.
  static constexpr tile::Shape kShape{
      .lanes = 4, .vectors = 4, .rows = 6, .group = 4, .element_bytes = 1, .bias = 0};

  static Query load_query(const std::byte* at) {
    return vld1q_u8(reinterpret_cast<const std::uint8_t*>(at));
  }
  /// The four bytes at `at` in every lane.
  static Train load_train(const std::byte* at) {
    std::uint32_t group;
    std::memcpy(&group, at, sizeof group);
    return vreinterpretq_u8_u32(vdupq_n_u32(group));
  }
  static Vector dot(Vector sum, Train t, Query q) {
    return vreinterpretq_s32_u32(vdotq_u32(vreinterpretq_u32_s32(sum), t, q));
  }
};

}  // namespace

const tile::TileKernel kNeonDotprod{NeonDotprod::kShape, tile::TileLoop<NeonDotprod>::run,
                                    tile::TileLoop<NeonDotprod>::multiply_all};

}  // namespace bundle_match::matching::arm

// NEON without dot products: umull multiplies 8 pairs of uint8 to 8 uint16, uadalp adds these two
// by two to 4 uint32.
//
// No overflow: 255^2 = 65,025 fits uint16, all 128 products sum to at most 8,323,200 < 2^31.
// SPDX-License-Identifier: Apache-2.0
#include "arm/int32x4.hpp"
#include "arm/kernels.hpp"
#include "tile/loop.hpp"

#include <cstdint>
#include <cstring>

namespace bundle_match::matching::arm {
namespace {

struct Neon : Int32x4 {
  using Query = uint8x8_t;
  using Train = uint8x8_t;
  // 24 sums, 4 queries, 1 train, 1 product of 32 registers.
  static constexpr tile::Shape kShape{
      .lanes = 4, .vectors = 4, .rows = 6, .group = 2, .element_bytes = 1, .bias = 0};

  static Query load_query(const std::byte* at) {
    return vld1_u8(reinterpret_cast<const std::uint8_t*>(at));
  }
  /// The two bytes at `at` in every lane.
  static Train load_train(const std::byte* at) {
    std::uint16_t group;
    std::memcpy(&group, at, sizeof group);
    return vreinterpret_u8_u16(vdup_n_u16(group));
  }
  static Vector dot(Vector sum, Train t, Query q) {
    return vreinterpretq_s32_u32(vpadalq_u16(vreinterpretq_u32_s32(sum), vmull_u8(t, q)));
  }
};

}  // namespace

const tile::TileKernel kNeon{Neon::kShape, tile::TileLoop<Neon>::run,
                             tile::TileLoop<Neon>::multiply_all};

}  // namespace bundle_match::matching::arm

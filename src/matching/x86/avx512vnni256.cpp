// AVX-512 VNNI in its 256-bit form (AVX512VL): 32 pairs an instruction. On cores that run two of
// these a cycle, or that slow down for 512 bits, it is the faster form.
//
// No overflow: as in avx512vnni.cpp, all 128 products stay within 128 * 128 * 255 < 2^22.
// SPDX-License-Identifier: Apache-2.0
#include "tile/loop.hpp"
#include "x86/kernels.hpp"
#include "x86/ymm.hpp"

namespace bundle_match::matching::x86 {
namespace {

struct Avx512Vnni256 : Ymm {
  // 24 sums, 4 queries, 1 train of the 32 registers that AVX512VL gives.
  static constexpr tile::Shape kShape{
      .lanes = 8, .vectors = 4, .rows = 6, .group = 4, .element_bytes = 1, .bias = 128};

  static Vector dot(Vector sum, Train t, Query q) {
    return Vector(_mm256_dpbusd_epi32(raw(sum), t, q));
  }
};

}  // namespace

const tile::TileKernel kAvx512Vnni256{Avx512Vnni256::kShape, tile::TileLoop<Avx512Vnni256>::run,
                                      tile::TileLoop<Avx512Vnni256>::multiply_all};

}  // namespace bundle_match::matching::x86

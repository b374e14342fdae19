// AVX-VNNI: 256-bit vpdpbusd without AVX-512, for CPUs such as Intel's since Alder Lake.
//
// No overflow: as in avx512vnni.cpp, all 128 products stay within 128 * 128 * 255 < 2^22.
// SPDX-License-Identifier: Apache-2.0
#include "tile/loop.hpp"
#include "x86/kernels.hpp"
#include "x86/ymm.hpp"

namespace bundle_match::matching::x86 {
namespace {

struct AvxVnni : Ymm {
  // 12 sums, 2 queries, 1 train of 16 registers.
  static constexpr tile::Shape kShape{
      .lanes = 8, .vectors = 2, .rows = 6, .group = 4, .element_bytes = 1, .bias = 128};

  static Vector dot(Vector sum, Train t, Query q) {
    return Vector(_mm256_dpbusd_avx_epi32(raw(sum), t, q));
  }
};

}  // namespace

const tile::TileKernel kAvxVnni{AvxVnni::kShape, tile::TileLoop<AvxVnni>::run,
                                tile::TileLoop<AvxVnni>::multiply_all};

}  // namespace bundle_match::matching::x86

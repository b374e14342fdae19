// AVX2: vpmaddwd multiplies 16 pairs of int16 and adds them two by two to 8 int32; vpaddd sums up.
//
// No overflow: elements are 0..255, so a pair gives at most 2 * 255^2 = 130,050 and all 128
// dimensions 8,323,200 < 2^31. (vpmaddubsw would take twice the pairs, but 2 * 255 * 127 does not
// fit its int16 results, and it saturates.)
// SPDX-License-Identifier: Apache-2.0
#include "tile/loop.hpp"
#include "x86/kernels.hpp"
#include "x86/ymm.hpp"

namespace bundle_match::matching::x86 {
namespace {

struct Avx2 : Ymm {
  // 12 sums, 2 queries, 1 train, 1 product: all 16 registers.
  static constexpr tile::Shape kShape{
      .lanes = 8, .vectors = 2, .rows = 6, .group = 2, .element_bytes = 2, .bias = 0};

  static Vector dot(Vector sum, Train t, Query q) {
    return add(sum, Vector(_mm256_madd_epi16(t, q)));
  }
};

}  // namespace

const tile::TileKernel kAvx2{Avx2::kShape, tile::TileLoop<Avx2>::run,
                             tile::TileLoop<Avx2>::multiply_all};

}  // namespace bundle_match::matching::x86

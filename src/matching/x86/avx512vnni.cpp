// AVX-512 VNNI, 512 bits: vpdpbusd multiplies 64 pairs of uint8 (train) and int8 (query - 128) and
// adds them four by four to 16 int32.
//
// No overflow: a product is within [-128 * 255, 127 * 255], four of them fit 18 bits and are added
// without saturation, all 128 stay within 128 * 128 * 255 = 4,177,920 < 2^22.
// SPDX-License-Identifier: Apache-2.0
#include "tile/loop.hpp"
#include "x86/kernels.hpp"

#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace bundle_match::matching::x86 {
namespace {

struct Zmm {
  // int32 lanes. Not __m512i, whose lanes are int64 to GCC: converted to int32 and back around each
  // instruction, the sums live twice, and half of them in memory.
  using Vector [[gnu::vector_size(64)]] = std::int32_t;
  using Query = __m512i;
  using Train = __m512i;
  // 24 sums, 4 queries, 1 train of 32 registers.
  static constexpr tile::Shape kShape{
      .lanes = 16, .vectors = 4, .rows = 6, .group = 4, .element_bytes = 1, .bias = 128};

  static Vector dot(Vector sum, Train t, Query q) {
    return Vector(_mm512_dpbusd_epi32(raw(sum), t, q));
  }

  // GCC 12 warns about the undefined value inside the forms without a mask (its bug 105593); a
  // constant mask of all lanes costs nothing.
  static constexpr __mmask16 kAllLanes = 0xffff;

  static __m512i raw(Vector v) { return reinterpret_cast<__m512i>(v); }

  static Vector load(const std::int32_t* at) { return Vector(_mm512_load_si512(at)); }
  static void store(std::int32_t* at, Vector v) { _mm512_store_si512(at, raw(v)); }
  static Query load_query(const std::byte* at) { return _mm512_load_si512(at); }
  /// The four bytes at `at` in every lane.
  static Train load_train(const std::byte* at) {
    std::int32_t group;
    std::memcpy(&group, at, sizeof group);
    return _mm512_set1_epi32(group);
  }
  static Vector broadcast(std::int32_t value) { return Vector(_mm512_set1_epi32(value)); }
  template <int kBits>
  static Vector shift_left(Vector v) {
    return Vector(_mm512_maskz_slli_epi32(kAllLanes, raw(v), kBits));
  }
  static Vector add(Vector a, Vector b) { return Vector(_mm512_add_epi32(raw(a), raw(b))); }
  static Vector max(Vector a, Vector b) {
    return Vector(_mm512_maskz_max_epi32(kAllLanes, raw(a), raw(b)));
  }
  static Vector min(Vector a, Vector b) {
    return Vector(_mm512_maskz_min_epi32(kAllLanes, raw(a), raw(b)));
  }
};

}  // namespace

const tile::TileKernel kAvx512Vnni{Zmm::kShape, tile::TileLoop<Zmm>::run,
                                   tile::TileLoop<Zmm>::multiply_all};

}  // namespace bundle_match::matching::x86

// What the kernels with 256-bit vectors have in common: eight int32 lanes of AVX2.
// In an anonymous namespace on purpose, see tile/loop.hpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace bundle_match::matching::x86 {
namespace {

struct Ymm {
  // int32 lanes. Not __m256i, whose lanes are int64 to GCC: converted to int32 and back around each
  // instruction, the sums live twice, and half of them in memory.
  using Vector [[gnu::vector_size(32)]] = std::int32_t;
  using Query = __m256i;
  using Train = __m256i;

  static __m256i raw(Vector v) { return reinterpret_cast<__m256i>(v); }

  static Vector load(const std::int32_t* at) {
    return Vector(_mm256_load_si256(reinterpret_cast<const __m256i*>(at)));
  }
  static void store(std::int32_t* at, Vector v) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(at), raw(v));
  }
  static Query load_query(const std::byte* at) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
  }
  /// The four bytes at `at` in every lane.
  static Train load_train(const std::byte* at) {
    std::int32_t group;
    std::memcpy(&group, at, sizeof group);
    return _mm256_set1_epi32(group);
  }
  static Vector broadcast(std::int32_t value) { return Vector(_mm256_set1_epi32(value)); }
  template <int kBits>
  static Vector shift_left(Vector v) {
    return Vector(_mm256_slli_epi32(raw(v), kBits));
  }
  static Vector add(Vector a, Vector b) { return Vector(_mm256_add_epi32(raw(a), raw(b))); }
  static Vector max(Vector a, Vector b) { return Vector(_mm256_max_epi32(raw(a), raw(b))); }
  static Vector min(Vector a, Vector b) { return Vector(_mm256_min_epi32(raw(a), raw(b))); }
};

}  // namespace
}  // namespace bundle_match::matching::x86

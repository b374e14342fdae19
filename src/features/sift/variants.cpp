// The list of SIFT kernels and which CPU features each needs.
// SPDX-License-Identifier: Apache-2.0
#include "variants.hpp"

namespace bundle_match::features::sift {
namespace {

bool always() { return true; }

#ifdef BUNDLE_MATCH_SIFT_X86
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

constexpr Variant kVariants[] = {
#ifdef BUNDLE_MATCH_SIFT_X86
    {"avx512", has_avx512, avx512_kernels},
    {"avx2", has_avx2, avx2_kernels},
#endif
#ifdef BUNDLE_MATCH_SIFT_ARM
    {"neon", always, neon_kernels},
#endif
    {"plain", always, plain_kernels},
};

}  // namespace

std::span<const Variant> variants() { return kVariants; }

const Variant* find_variant(std::string_view name) {
  for (const Variant& variant : variants()) {
    if ((name.empty() || variant.name == name) && variant.supported()) {
      return &variant;
    }
  }
  return nullptr;
}

}  // namespace bundle_match::features::sift

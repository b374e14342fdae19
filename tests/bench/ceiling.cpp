// Bare instructions in inline assembly, so that this file needs no compiler flags of its own and no
// compiler can take the loops apart.
// SPDX-License-Identifier: Apache-2.0
#include "ceiling.hpp"

namespace bundle_match::bench {

#if defined(__x86_64__)
namespace {

constexpr std::size_t kLoops = 20'000;
constexpr std::size_t kAccumulators = 12;  // two a cycle at a latency of up to 6 cycles

constexpr std::size_t total(std::size_t multiply_adds) {
  return kLoops * kAccumulators * multiply_adds;
}

// INSTRUCTION with \r as the number of the accumulator's register; registers 0 and 1 are operands.
#define BUNDLE_MATCH_BARE_LOOP(INSTRUCTION, AFTER)                                                \
  [] {                                                                                            \
    for (std::size_t i = 0; i < kLoops; ++i) {                                                    \
      __asm__ volatile(".irp r,2,3,4,5,6,7,8,9,10,11,12,13\n" INSTRUCTION "\n.endr"               \
                       :                                                                          \
                       :                                                                          \
                       : "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
                         "xmm11", "xmm12", "xmm13");                                              \
    }                                                                                             \
    __asm__ volatile(AFTER);                                                                      \
  }

// pmaddwd overwrites an operand instead of accumulating, in which case it still depends on nothing
// but its own last result.
const Ceiling kCeilings[] = {
    {"avx512vnni", "vpdpbusd 512", total(64),
     BUNDLE_MATCH_BARE_LOOP("vpdpbusd %%zmm0, %%zmm1, %%zmm\\r", "vzeroupper")},
    {"avx512vnni256", "vpdpbusd 256", total(32),
     BUNDLE_MATCH_BARE_LOOP("%{evex%} vpdpbusd %%ymm0, %%ymm1, %%ymm\\r", "vzeroupper")},
    {"avxvnni", "vpdpbusd 256 (VEX)", total(32),
     BUNDLE_MATCH_BARE_LOOP("%{vex%} vpdpbusd %%ymm0, %%ymm1, %%ymm\\r", "vzeroupper")},
    {"avx2", "vpmaddwd 256", total(16),
     BUNDLE_MATCH_BARE_LOOP("vpmaddwd %%ymm0, %%ymm1, %%ymm\\r", "vzeroupper")},
    {"plain", "pmaddwd 128", total(8), BUNDLE_MATCH_BARE_LOOP("pmaddwd %%xmm0, %%xmm\\r", "")},
};

const Ceiling kFloatCeilings[] = {
    {"avx512", "vfmadd231ps 512", total(16),
     BUNDLE_MATCH_BARE_LOOP("vfmadd231ps %%zmm0, %%zmm1, %%zmm\\r", "vzeroupper")},
    {"avx2", "vfmadd231ps 256", total(8),
     BUNDLE_MATCH_BARE_LOOP("vfmadd231ps %%ymm0, %%ymm1, %%ymm\\r", "vzeroupper")},
};

}  // namespace

std::span<const Ceiling> ceilings() { return kCeilings; }
std::span<const Ceiling> float_ceilings() { return kFloatCeilings; }

#else

std::span<const Ceiling> ceilings() { return {}; }
std::span<const Ceiling> float_ceilings() { return {}; }

#endif

}  // namespace bundle_match::bench

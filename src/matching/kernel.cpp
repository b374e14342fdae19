// The list of kernels.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/kernel.hpp"

#include "arm/kernels.hpp"
#include "cpu.hpp"
#include "plain.hpp"
#include "tile/distances.hpp"
#include "tile/matcher.hpp"
#include "x86/kernels.hpp"

namespace bundle_match::matching {
namespace {

bool always() { return true; }

template <const tile::TileKernel& kKernel>
std::unique_ptr<Matcher> tile_matcher(DescriptorView query) {
  return tile::make_matcher(kKernel, query);
}

template <const tile::TileKernel& kKernel>
std::unique_ptr<Distances> tile_distances(VectorView rows) {
  return tile::make_distances(kKernel, rows);
}

template <const tile::TileKernel& kKernel>
constexpr Kernel tiled(std::string_view name, std::string_view description, bool (*supported)()) {
  return {name, description, supported, tile_matcher<kKernel>, tile_distances<kKernel>};
}

constexpr Kernel kKernels[] = {
#if defined(__x86_64__)
    tiled<x86::kAvx512Vnni>("avx512vnni", "512-bit vpdpbusd (AVX-512 VNNI)", cpu::runs_avx512vnni),
    tiled<x86::kAvx512Vnni256>("avx512vnni256", "256-bit vpdpbusd (AVX-512 VNNI and VL)",
                               cpu::runs_avx512vnni256),
#ifdef BUNDLE_MATCH_HAS_AVXVNNI
    tiled<x86::kAvxVnni>("avxvnni", "256-bit vpdpbusd (AVX-VNNI)", cpu::runs_avxvnni),
#endif
    tiled<x86::kAvx2>("avx2", "256-bit vpmaddwd (AVX2)", cpu::runs_avx2),
#elif defined(__aarch64__)
    tiled<arm::kNeonDotprod>("neon_dotprod", "128-bit udot (NEON with dot products)",
                             cpu::runs_neon_dotprod),
    tiled<arm::kNeon>("neon", "128-bit umull and uadalp (NEON)", cpu::runs_neon),
#endif
    {"plain", "portable C++, the reference for the others", always, plain::make_matcher,
     plain::make_distances},
};

}  // namespace

std::span<const Kernel> kernels() { return kKernels; }

const Kernel* find_kernel(std::string_view name) {
  for (const Kernel& kernel : kernels()) {
    if (kernel.name == name) {
      return &kernel;
    }
  }
  return nullptr;
}

}  // namespace bundle_match::matching

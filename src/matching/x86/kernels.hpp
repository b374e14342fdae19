// The tile kernels for x86-64. Each runs only where its `supported` says so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tile/tile_kernel.hpp"

namespace bundle_match::matching::x86 {

extern const tile::TileKernel kAvx2;
extern const tile::TileKernel kAvx512Vnni;
extern const tile::TileKernel kAvx512Vnni256;
extern const tile::TileKernel kAvxVnni;

}  // namespace bundle_match::matching::x86

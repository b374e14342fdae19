// The tile kernels for aarch64. Each runs only where its `supported` says so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tile/tile_kernel.hpp"

namespace bundle_match::matching::arm {

extern const tile::TileKernel kNeon;
extern const tile::TileKernel kNeonDotprod;

}  // namespace bundle_match::matching::arm

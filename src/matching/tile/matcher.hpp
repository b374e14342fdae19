// A Matcher around a tile kernel: packing, panels, and from keys to neighbours.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/matcher.hpp"
#include "tile/tile_kernel.hpp"

#include <memory>

namespace bundle_match::matching::tile {

/// A matcher that runs `kernel`, whose instruction set this CPU must have. See matcher.hpp.
[[nodiscard]] std::unique_ptr<Matcher> make_matcher(const TileKernel& kernel, DescriptorView query);

}  // namespace bundle_match::matching::tile

// Distances around a tile kernel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/distances.hpp"
#include "tile/tile_kernel.hpp"

#include <memory>

namespace bundle_match::matching::tile {

/// Runs `kernel`, whose instruction set this CPU must have. Throws std::invalid_argument for
/// vectors of a size that they must not have.
[[nodiscard]] std::unique_ptr<Distances> make_distances(const TileKernel& kernel, VectorView rows);

}  // namespace bundle_match::matching::tile

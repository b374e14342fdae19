// Which parts of an octave's layers a stream computes: what is wanted of one layer, and what that
// needs of those before it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "pyramid_plan.hpp"
#include "tiles.hpp"

#include <array>

namespace bundle_match::features::sift {

class WantedTiles {
 public:
  explicit WantedTiles(const PyramidPlan& plan) : plan_(plan) {}

  /// Of an octave of that size: the layers before `first_limited` everywhere, of the others
  /// nothing yet.
  void reset(const Size& size, int first_limited);
  /// Adds these pixels of a layer; what lies outside the octave is left out.
  void add(int layer, const Area& pixels);

  /// Whether a layer is computed everywhere.
  [[nodiscard]] bool everywhere(int layer) const { return layer < first_limited_; }
  /// Where the layer is computed, unless everywhere.
  [[nodiscard]] const TileMap& blurred(int layer) const {
    return layers_[static_cast<std::size_t>(layer)].blurred;
  }
  /// Where the layer before it is filtered along x.
  [[nodiscard]] const TileMap& filtered(int layer) const {
    return layers_[static_cast<std::size_t>(layer)].filtered;
  }

 private:
  struct Layer {
    TileMap blurred, filtered;
  };
  const PyramidPlan& plan_;
  int first_limited_ = 0;
  std::array<Layer, kMostLayers + 3> layers_;
};

}  // namespace bundle_match::features::sift

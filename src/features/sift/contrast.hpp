// Where an octave has too little contrast for any keypoint, found before it is blurred.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "layer_stream.hpp"
#include "pyramid_plan.hpp"
#include "tiles.hpp"

#include <vector>

namespace bundle_match::features::sift {

/// Bounds how far a difference of blurred layers can be from zero by the range of the pixels around
/// it.
class ContrastBound {
 public:
  explicit ContrastBound(const PyramidPlan& plan);

  /// Marks the tiles that may hold a pixel above the threshold; returns whether there are others.
  [[nodiscard]] bool find_busy_tiles(const OctaveSource& source, TileMap& busy);

 private:
  template <typename Pixel>
  void measure(const Pixel* pixels, std::ptrdiff_t stride, const Size& size, int tile);

  // If the pixels of a tile and of those around it differ by no more than this, no difference in
  // which keypoints are looked for exceeds the threshold within the tile. Negative: not known.
  float quiet_in_image_;
  float quiet_in_layer_;           ///< the first of an octave
  std::vector<float> low_, high_;  ///< of each tile
};

}  // namespace bundle_match::features::sift

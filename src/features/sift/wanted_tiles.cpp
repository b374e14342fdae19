// Marks what pixels need of the layers that they are blurred from.
// SPDX-License-Identifier: Apache-2.0
#include "wanted_tiles.hpp"

#include <cstddef>

namespace bundle_match::features::sift {

void WantedTiles::reset(const Size& size, int first_limited) {
  first_limited_ = first_limited;
  for (int layer = first_limited; layer < plan_.blurred_layers(); ++layer) {
    Layer& tiles = layers_[static_cast<std::size_t>(layer)];
    tiles.blurred.reset(size.width, size.height, false);
    tiles.filtered.reset(size.width, size.height, false);
  }
}

void WantedTiles::add(int layer, const Area& pixels) {
  Area area = pixels;
  for (; layer >= first_limited_; --layer) {
    Layer& tiles = layers_[static_cast<std::size_t>(layer)];
    const int radius = plan_.taps(layer).radius;
    tiles.blurred.mark(area.x0, area.x1, area.y0, area.y1);
    area.y0 -= radius;
    area.y1 += radius;
    tiles.filtered.mark(area.x0, area.x1, area.y0, area.y1);
    area.x0 -= radius;
    area.x1 += radius;
  }
}

}  // namespace bundle_match::features::sift

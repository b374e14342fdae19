// A difference of two blurred layers is a sum of pixels with weights that add up to zero. With c
// the middle of the pixels near by, it is the same sum of their distances from c, and so at most
//   (weights near by, in magnitude) * range / 2 + (those farther away) * 255.
// SPDX-License-Identifier: Apache-2.0
#include "contrast.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace bundle_match::features::sift {
namespace {

/// Pixels around each pixel of a tile that surely lie in it or its neighbours, doubled pixels being
/// made of two.
constexpr int kNear = kTile - 1;
/// Far more than the rounding of five blurs of pixels below 256 makes.
constexpr double kRoundingSlack = 1.0 / 64;

/// A symmetric filter from its centre on, applied after another one.
std::vector<double> both(const std::vector<double>& a, const Taps& b) {
  const int n = static_cast<int>(a.size()) - 1;
  std::vector<double> result(static_cast<std::size_t>(n + b.radius) + 1);
  for (int i = 0; i <= n + b.radius; ++i) {
    for (int j = -b.radius; j <= b.radius; ++j) {
      if (std::abs(i - j) <= n) {
        result[static_cast<std::size_t>(i)] +=
            a[static_cast<std::size_t>(std::abs(i - j))] * static_cast<double>(b.half[std::abs(j)]);
      }
    }
  }
  return result;
}

struct WeightSums {
  double near = 0, far = 0;
};

/// Of the magnitudes of what the outer product of `wide` has more than that of `narrow`.
WeightSums weight_sums(std::vector<double> narrow, const std::vector<double>& wide) {
  narrow.resize(wide.size());
  WeightSums sums;
  for (std::size_t y = 0; y < wide.size(); ++y) {
    for (std::size_t x = 0; x < wide.size(); ++x) {
      const double quadrants = (x > 0 ? 2 : 1) * (y > 0 ? 2 : 1);
      const double weight = quadrants * std::abs(wide[x] * wide[y] - narrow[x] * narrow[y]);
      (std::max(x, y) <= kNear ? sums.near : sums.far) += weight;
    }
  }
  return sums;
}

/// The largest range that keeps all differences below the threshold. `filter` makes the first
/// layer.
float largest_range(const PyramidPlan& plan, std::vector<double> filter) {
  double range = 255;
  for (int layer = 1; layer <= plan.layers() + 1; ++layer) {
    std::vector<double> next = both(filter, plan.taps(layer));
    if (layer >= 2) {
      const WeightSums sums = weight_sums(filter, next);
      const double left = static_cast<double>(plan.threshold()) - kRoundingSlack - 255 * sums.far;
      range = std::min(range, left / (sums.near / 2));
    }
    filter = std::move(next);
  }
  return static_cast<float>(range);
}

}  // namespace

ContrastBound::ContrastBound(const PyramidPlan& plan)
    : quiet_in_image_(largest_range(plan, both({1.0}, plan.taps(0)))),
      quiet_in_layer_(largest_range(plan, {1.0})) {}

/// The lowest and highest pixel of each square of `tile` pixels.
template <typename Pixel>
void ContrastBound::measure(const Pixel* pixels, std::ptrdiff_t stride, const Size& size,
                            int tile) {
  const auto width = static_cast<std::size_t>(size.width);
  std::vector<Pixel> low(width), high(width);
  low_.clear();
  high_.clear();
  for (int y = 0; y < size.height; y += tile) {
    low.assign(pixels + y * stride, pixels + y * stride + size.width);
    high = low;
    for (int row = y + 1; row < std::min(y + tile, size.height); ++row) {
      const Pixel* const line = pixels + row * stride;
      for (std::size_t x = 0; x < width; ++x) {
        low[x] = line[x] < low[x] ? line[x] : low[x];
        high[x] = line[x] > high[x] ? line[x] : high[x];
      }
    }
    for (int x = 0; x < size.width; x += tile) {
      const int end = std::min(x + tile, size.width);
      low_.push_back(static_cast<float>(*std::min_element(low.begin() + x, low.begin() + end)));
      high_.push_back(static_cast<float>(*std::max_element(high.begin() + x, high.begin() + end)));
    }
  }
}

bool ContrastBound::find_busy_tiles(const OctaveSource& source, TileMap& busy) {
  busy.reset(source.size.width, source.size.height, true);
  const float quiet_range = source.image != nullptr ? quiet_in_image_ : quiet_in_layer_;
  if (quiet_range < 0) {
    return false;
  }
  if (source.image != nullptr) {
    const GreyView& image = *source.image;
    const int tile = source.size.width == image.width ? kTile : kTile / 2;
    measure(image.pixels, image.stride, {image.width, image.height}, tile);
  } else {
    measure(source.plane, source.stride, source.size, kTile);
  }
  bool any_quiet = false;
  for (int row = 0; row < busy.rows(); ++row) {
    for (int column = 0; column < busy.columns(); ++column) {
      float low = 255, high = 0;
      for (int r = std::max(row - 1, 0); r < std::min(row + 2, busy.rows()); ++r) {
        for (int c = std::max(column - 1, 0); c < std::min(column + 2, busy.columns()); ++c) {
          const std::ptrdiff_t i = std::ptrdiff_t{r} * busy.columns() + c;
          low = std::min(low, low_[static_cast<std::size_t>(i)]);
          high = std::max(high, high_[static_cast<std::size_t>(i)]);
        }
      }
      const bool quiet = high - low <= quiet_range;
      busy.at(column, row) = quiet ? 0 : 1;
      any_quiet = any_quiet || quiet;
    }
  }
  return any_quiet;
}

}  // namespace bundle_match::features::sift

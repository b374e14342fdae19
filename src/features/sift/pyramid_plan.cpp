// Computes filters and reaches from the options.
// SPDX-License-Identifier: Apache-2.0
#include "pyramid_plan.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bundle_match::features::sift {
namespace {

void check(bool good, const char* what) {
  if (!good) {
    throw std::invalid_argument(what);
  }
}

void check_options(const SiftOptions& options) {
  check(options.nfeatures >= 0, "SIFT: nfeatures must not be negative");
  check(options.first_octave == -1 || options.first_octave == 0,
        "SIFT: first_octave must be -1 or 0");
  check(options.threads >= 1, "SIFT: threads must be at least 1");
  check(options.octave_layers >= 1 && options.octave_layers <= kMostLayers,
        "SIFT: octave_layers must be 1 to 8");
  // Below, a filter would have 5 taps or less, which OpenCV adds in another order.
  check(options.sigma >= 0.8 && options.sigma <= 3, "SIFT: sigma must be 0.8 to 3");
  check(options.contrast_threshold >= 0 && options.contrast_threshold <= 1,
        "SIFT: contrast_threshold must be 0 to 1");
  check(options.edge_threshold > 0, "SIFT: edge_threshold must be positive");
}

/// Blur that makes the first layer out of an image taken to have a blur of 0.5 (1 when doubled).
double first_blur(double sigma, bool doubled) {
  const auto s = static_cast<float>(sigma);
  const float has = doubled ? 1.0F : 0.25F;
  return static_cast<double>(std::sqrt(std::max(s * s - has, 0.01F)));
}

}  // namespace

std::vector<float> half_gaussian(double sigma) {
  const int radius = (static_cast<int>(std::nearbyint(sigma * 4 * 2 + 1)) | 1) / 2;
  const double exponent = -0.5 / (sigma * sigma);
  std::vector<double> taps(static_cast<std::size_t>(radius) + 1);
  double sum = 0;
  for (int i = radius; i >= 1; --i) {
    taps[static_cast<std::size_t>(i)] = std::exp(exponent * i * i);
    sum += taps[static_cast<std::size_t>(i)];
  }
  taps[0] = 1;
  sum = sum * 2 + 1;
  std::vector<float> half;
  half.reserve(taps.size());
  for (const double tap : taps) {
    half.push_back(static_cast<float>(tap * (1 / sum)));
  }
  return half;
}

PyramidPlan::PyramidPlan(const SiftOptions& options)
    : layers_(options.octave_layers),
      doubled_(options.first_octave < 0),
      threshold_(static_cast<float>(
          std::floor(0.5 * options.contrast_threshold / options.octave_layers * 255))),
      refine_{0, options.octave_layers, static_cast<float>(options.contrast_threshold),
              static_cast<float>(options.edge_threshold), static_cast<float>(options.sigma)} {
  check_options(options);
  halves_.push_back(half_gaussian(first_blur(options.sigma, doubled_)));
  const double step = std::pow(2., 1. / layers_);
  for (int i = 1; i < blurred_layers(); ++i) {
    const double before = std::pow(step, static_cast<double>(i - 1)) * options.sigma;
    const double after = before * step;
    halves_.push_back(half_gaussian(std::sqrt(after * after - before * before)));
  }
  // A keypoint's scale is below that of half a layer past the last; one pixel more for rounding up,
  // one for the gradient.
  const double largest = options.sigma * std::pow(2., (layers_ + 0.5) / layers_);
  orientation_reach_ = static_cast<int>(4.5 * largest) + 2;
  descriptor_reach_ = static_cast<int>(3 * largest * std::sqrt(2.) * 2.5) + 3;
}

Taps PyramidPlan::taps(int layer) const {
  const std::vector<float>& half = halves_[static_cast<std::size_t>(layer)];
  return {half.data(), static_cast<int>(half.size()) - 1};
}

int PyramidPlan::largest_radius() const {
  int radius = 0;
  for (int layer = 0; layer < blurred_layers(); ++layer) {
    radius = std::max(radius, taps(layer).radius);
  }
  return radius;
}

int PyramidPlan::descriptor_reach(float scale) const {
  return std::min(static_cast<int>(3 * scale * std::sqrt(2.F) * 2.5F) + 3, descriptor_reach_);
}

RefineSettings PyramidPlan::refine_settings(int octave) const {
  RefineSettings settings = refine_;
  settings.octave = octave;
  return settings;
}

std::vector<Size> PyramidPlan::octaves(int width, int height) const {
  std::vector<Size> sizes;
  if (width <= 0 || height <= 0) {
    return sizes;
  }
  Size size{doubled_ ? 2 * width : width, doubled_ ? 2 * height : height};
  const double smaller_side = std::min(size.width, size.height);
  const int count = static_cast<int>(std::nearbyint(std::log(smaller_side) / std::log(2.) - 2)) +
                    (doubled_ ? 1 : 0);
  for (int octave = 0; octave < count; ++octave) {
    sizes.push_back(size);
    size = {size.width / 2, size.height / 2};
  }
  return sizes;
}

}  // namespace bundle_match::features::sift

// The constants that follow from the options alone: the filters of every layer and how far each
// step reaches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/sift.hpp"
#include "kernels.hpp"

#include <vector>

namespace bundle_match::features::sift {

/// Rectangle of pixels, half-open.
struct Area {
  int x0 = 0, x1 = 0, y0 = 0, y1 = 0;
};

struct Size {
  int width = 0, height = 0;
};

class PyramidPlan {
 public:
  /// Throws std::invalid_argument for options out of their range.
  explicit PyramidPlan(const SiftOptions& options);

  [[nodiscard]] int layers() const { return layers_; }
  /// Blurred layers of an octave: layers() + 3.
  [[nodiscard]] int blurred_layers() const { return layers_ + 3; }
  /// The filter that makes blurred layer `layer` from the one before it; of layer 0, from the
  /// image.
  [[nodiscard]] Taps taps(int layer) const;
  [[nodiscard]] int largest_radius() const;
  [[nodiscard]] float threshold() const { return threshold_; }
  [[nodiscard]] RefineSettings refine_settings(int octave) const;
  /// Pixels that an orientation and a descriptor may need to each side of their pixel.
  [[nodiscard]] int orientation_reach() const { return orientation_reach_; }
  [[nodiscard]] int descriptor_reach() const { return descriptor_reach_; }
  /// The same of a descriptor of this scale, in pixels of its octave.
  [[nodiscard]] int descriptor_reach(float scale) const;
  [[nodiscard]] bool doubled() const { return doubled_; }

  /// Sizes of the octaves that cv::SIFT would look at, largest first; empty for the smallest
  /// images.
  [[nodiscard]] std::vector<Size> octaves(int width, int height) const;

 private:
  int layers_;
  bool doubled_;
  float threshold_;
  RefineSettings refine_;
  int orientation_reach_;
  int descriptor_reach_;
  std::vector<std::vector<float>> halves_;
};

/// Index of a pixel outside 0 <= i < n, mirrored at the border pixels as often as needed.
[[nodiscard]] inline int reflect(int i, int n) {
  while (i < 0 || i >= n) {
    i = n == 1 ? 0 : i < 0 ? -i : 2 * (n - 1) - i;
  }
  return i;
}

/// cv::getGaussianKernel(2 * radius + 1, sigma, CV_32F) from its centre on.
[[nodiscard]] std::vector<float> half_gaussian(double sigma);

}  // namespace bundle_match::features::sift

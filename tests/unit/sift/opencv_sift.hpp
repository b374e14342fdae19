// cv::SIFT in our types, to compare with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scenes.hpp"

#include <opencv2/core.hpp>
#include <opencv2/core/version.hpp>

namespace bundle_match::features {

/// How near this OpenCV comes to the one whose results ours are, to the bit: version 4.6 on a CPU
/// with AVX-512.
enum class OpenCv {
  is_the_model,
  /// Without AVX-512 it sums orientations up in another order: of 36,000 keypoints the angle of one
  /// differs, and what follows from it.
  rounds_angles_otherwise,
  /// Other versions blur the ends of rows with other roundings: of 81,349 keypoints of photographs,
  /// 58 differ in 4.10, none by a hundredth of a pixel.
  blurs_otherwise,
};
[[nodiscard]] OpenCv this_opencv();

[[nodiscard]] Features run_opencv(int nfeatures, const cv::Mat& image);
[[nodiscard]] cv::Mat as_mat(const Scene& scene);
[[nodiscard]] GreyView as_view(const cv::Mat& image);

}  // namespace bundle_match::features

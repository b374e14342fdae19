// cv::SIFT in our types, to compare with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scenes.hpp"

#include <opencv2/core.hpp>
#include <opencv2/core/version.hpp>

namespace bundle_match::features {

/// The version whose results ours are, to the bit. Others blur the ends of rows with other
/// roundings: of 81,349 keypoints of photographs, 58 differ in 4.10, none by a hundredth of a
/// pixel.
inline constexpr bool kOpenCvIsTheModel = CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR == 6;

[[nodiscard]] Features run_opencv(int nfeatures, const cv::Mat& image);
[[nodiscard]] cv::Mat as_mat(const Scene& scene);
[[nodiscard]] GreyView as_view(const cv::Mat& image);

}  // namespace bundle_match::features

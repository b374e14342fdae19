// Where two results of SIFT part: the first stage of the computation that differs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scenes.hpp"

#include <opencv2/core.hpp>

#include <string>

namespace bundle_match::features {

/// Empty if equal; otherwise the first that differs of pyramid level, candidate, refinement,
/// orientation, order and descriptor, with the place. The first two are looked at by running
/// `kernels` beside OpenCV's blurs, if the keypoints differ in more than their angles.
[[nodiscard]] std::string first_difference(const cv::Mat& image, std::string_view kernels,
                                           const Features& expected, const Features& actual);

}  // namespace bundle_match::features

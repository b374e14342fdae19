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

/// Whether no more differs than the last bits of a few angles, and of the descriptors that these
/// turn.
[[nodiscard]] bool differ_in_roundings_alone(const Features& a, const Features& b);

/// Empty if OpenCV's result and ours are equal. If this OpenCV is not our model, also if they
/// differ in no more than it may: see OpenCv.
[[nodiscard]] std::string difference_from_opencv(const cv::Mat& image, std::string_view kernels,
                                                 const Features& opencv, const Features& ours);

}  // namespace bundle_match::features

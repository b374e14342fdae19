// Images made by computation, and what OpenCV alone gives for them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <string>

namespace bundle_match::test {

/// OpenCV's threads would be lost in the processes that tests fork.
void keep_opencv_single_threaded();

/// A grey image full of features, CV_8UC1; the same seed gives the same pixels.
[[nodiscard]] cv::Mat textured_image(int width, int height, std::uint64_t seed);

/// View `number` (from 0) of one scene of 480 x 360 pixels: views overlap, each has its own noise.
[[nodiscard]] cv::Mat scene_view(int number, int width = 160, int height = 120);

/// Writes the image in the format of the path's extension and returns the path; throws if it
/// cannot. A file of that name is replaced, not changed: another process may be reading it.
std::string write_image(const std::string& path, const cv::Mat& image);

/// The number of matches by cv::imread, cv::SIFT and cv::BFMatcher alone.
[[nodiscard]] std::uint32_t opencv_matches(const std::string& reference, const std::string& image,
                                           int nfeatures = 5000,
                                           CrossCheck check = CrossCheck::mutual);

}  // namespace bundle_match::test

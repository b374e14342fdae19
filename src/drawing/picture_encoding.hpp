// Pictures as bytes of JPEG and PNG files, by libjpeg and libpng.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <string>

namespace bundle_match::drawing {

// Of height x width pixels, CV_8UC1 (grey) or CV_8UC3 (BGR), not empty. They throw std::bad_alloc
// if memory does not suffice, std::runtime_error if a library refuses for another reason.

/// `quality`: 1 to 100. Colour is kept for every second pixel, across and down.
[[nodiscard]] std::string encode_jpeg(const cv::Mat& picture, int quality);

[[nodiscard]] std::string encode_png(const cv::Mat& picture);

}  // namespace bundle_match::drawing

// JPEG straight to grey by libjpeg, without OpenCV's decoders and all that they load.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <optional>
#include <string>

namespace bundle_match::features {

/// Grey pixels (height x width, CV_8UC1) of a JPEG, turned as its EXIF data say, byte for byte what
/// cv::imread gives; so are those of a damaged one that libjpeg makes something of, whose complaint
/// goes to standard error as it does there. Nothing for any other file, four colours (CMYK), odd
/// EXIF data, and where libjpeg gives up: what these are worth is for cv::imread to say. Throws
/// std::bad_alloc or cv::Exception (StsNoMem) if memory does not suffice.
[[nodiscard]] std::optional<cv::Mat> read_jpeg(const std::string& path);

}  // namespace bundle_match::features

// The PNGs that png_reader.hpp leaves: palettes, 16 bits, interlaced ones, chunks that change
// pixels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <optional>
#include <string>

namespace bundle_match::features {

/// Grey pixels (height x width, CV_8UC1) of a PNG, turned as its EXIF data say, byte for byte what
/// cv::imread gives, and to standard error what libpng warns of. Nothing for any other file, odd
/// EXIF data, and where libpng gives up: what these are worth is for cv::imread to say. Throws
/// std::bad_alloc or cv::Exception (StsNoMem) if memory does not suffice.
[[nodiscard]] std::optional<cv::Mat> read_png_by_libpng(const std::string& path);

}  // namespace bundle_match::features

// The common PNG, decoded faster than libpng does it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <optional>
#include <string>

namespace bundle_match::features {

/// Grey pixels (height x width, CV_8UC1) of a PNG of 8 bits a channel, grey or RGB, with or without
/// alpha, byte for byte what cv::imread gives. Nothing for any other file, one with a chunk that
/// may change the pixels, and a damaged one: what these are worth is for cv::imread to say. Throws
/// std::bad_alloc or cv::Exception (StsNoMem) if memory does not suffice.
[[nodiscard]] std::optional<cv::Mat> read_plain_png(const std::string& path);

}  // namespace bundle_match::features

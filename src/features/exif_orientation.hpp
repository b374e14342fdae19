// The one thing in a photograph's EXIF data that changes its pixels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace bundle_match::features {

/// The orientation that EXIF data (JEITA CP-3451; from its TIFF header on) states, by which
/// cv::imread turns the pixels: 1 to 8, or another number, which means none. 1 if none is stated.
/// Nothing if the data are so odd that readers may differ.
[[nodiscard]] std::optional<std::uint16_t> exif_orientation(std::span<const std::uint8_t> tiff);

/// Mirrors and transposes the pixels as cv::imread does for that orientation (TIFF 6.0: where the
/// first row and the first column are to be seen).
void turn_upright(cv::Mat& pixels, std::uint16_t orientation);

}  // namespace bundle_match::features

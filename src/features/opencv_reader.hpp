// OpenCV's decoders, in a library that is loaded when the first image needs them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/image_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace bundle_match::features {

/// Of an image that cv::imread takes, unless its environment says otherwise.
inline constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 30;

/// The image as cv::imread reads it; nothing until load_decoders() was called. Errors as in
/// try_read_grey_image().
[[nodiscard]] std::optional<GreyImage> read_by_decoders(const std::string& path);

}  // namespace bundle_match::features

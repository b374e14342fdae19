// The common PNG, decoded faster than libpng does it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace bundle_match::features {

/// Grey pixels (height x width, CV_8UC1) of a PNG of 8 bits a channel, grey or RGB, with or without
/// alpha, byte for byte what cv::imread gives. Nothing for any other file, one with a chunk that
/// may change the pixels, and a damaged one: what these are worth is for cv::imread to say. One
/// exception, which no encoder makes: where all checksums fit, but the stream has symbols that
/// RFC 1951 does not define, incomplete codes or distances beyond its window, libdeflate decodes
/// what zlib, and so cv::imread, refuses. (To look for them takes as long as to decode.) Throws
/// std::bad_alloc or cv::Exception (StsNoMem) if memory does not suffice.
[[nodiscard]] std::optional<cv::Mat> read_plain_png(const std::string& path);

/// The same, of a file's bytes: any bytes, as files change while they are read. Moves them.
[[nodiscard]] std::optional<cv::Mat> decode_plain_png(std::span<std::uint8_t> file);

}  // namespace bundle_match::features

// Image files put together byte by byte, for what no encoder writes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bundle_match::test {

/// A grey PNG that states that size and has no pixels.
[[nodiscard]] std::string png_without_pixels(std::uint32_t width, std::uint32_t height);

/// A colour BMP (BITMAPINFOHEADER) of that size; a negative height means rows from top to bottom.
[[nodiscard]] std::string bmp(std::int32_t width, std::int32_t height);

/// A colour BMP as OS/2 1.x and Windows 2 wrote it (BITMAPCOREHEADER).
[[nodiscard]] std::string os2_bmp(std::uint16_t width, std::uint16_t height);

/// The JPEG with an EXIF segment that says so.
[[nodiscard]] std::string with_orientation(std::string_view jpeg, std::uint16_t orientation);

}  // namespace bundle_match::test

// Walks over the markers of a JPEG to its frame header.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/drawing/jpeg_size.hpp"

#include <cstddef>

namespace bundle_match::drawing {

PictureSize jpeg_size(std::string_view jpeg) {
  if (!jpeg.starts_with("\xff\xd8")) {
    return {};
  }
  const auto byte = [jpeg](std::size_t at) {
    return std::uint32_t{static_cast<unsigned char>(jpeg[at])};
  };
  const auto number = [&byte](std::size_t at) { return byte(at) << 8U | byte(at + 1); };
  // Marker, length, and of a frame header: precision, height, width.
  for (std::size_t at = 2; at + 9 <= jpeg.size() && byte(at) == 0xFF; at += 2 + number(at + 2)) {
    const std::uint32_t marker = byte(at + 1);
    const bool other = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
    if (marker >= 0xC0 && marker <= 0xCF && !other) {
      return {number(at + 7), number(at + 5)};
    }
  }
  return {};
}

}  // namespace bundle_match::drawing

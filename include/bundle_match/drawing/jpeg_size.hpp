// Reads the size of a JPEG from its bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace bundle_match::drawing {

struct PictureSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

/// What the header states (ITU-T T.81, B.2.2), in pixels; 0 x 0 if the bytes are no JPEG.
[[nodiscard]] PictureSize jpeg_size(std::string_view jpeg);

}  // namespace bundle_match::drawing

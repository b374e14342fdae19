// Descriptors as matching sees them: rows of 128 bytes. Knows nothing of images or of OpenCV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace bundle_match::matching {

/// Dimensions of a SIFT descriptor (Lowe 2004, section 6.1: 4 x 4 histograms of 8 orientations).
inline constexpr std::size_t kDescriptorSize = 128;

/// A borrowed matrix of descriptors: rows x 128, row-major, uint8, no padding between rows.
struct DescriptorView {
  const std::uint8_t* data = nullptr;
  std::size_t rows = 0;

  [[nodiscard]] const std::uint8_t* row(std::size_t i) const { return data + i * kDescriptorSize; }
};

}  // namespace bundle_match::matching

// The rows of a PNG: filters undone, and libpng's way to grey.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

namespace bundle_match::features::png {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

/// Memory that is not cleared first. One byte more can be read: three of a pixel are read as four.
struct Buffer {
  explicit Buffer(std::size_t bytes)
      : memory(static_cast<std::uint8_t*>(std::malloc(bytes + 1))), size(bytes) {
    if (!memory) {
      throw std::bad_alloc();
    }
  }
  std::unique_ptr<std::uint8_t, FreeMemory> memory;
  std::size_t size;
};

/// What the chunks before the pixels say.
struct Header {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int channels = 0;
  bool srgb = false;  ///< gamma 1/2.2, which libpng takes account of on the way to grey
};

/// height x (1 + width x channels) bytes: the rows, each filtered, and behind its filter's number.
struct Rows {
  Header header;
  Buffer bytes;
};

/// height x width, CV_8UC1; nothing if a row has a filter that does not exist.
[[nodiscard]] std::optional<cv::Mat> to_grey(Rows rows);

}  // namespace bundle_match::features::png

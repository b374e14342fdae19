// Our JPEG reader against cv::imread: the same pixels, or it leaves the file to that.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/drawing/jpeg_size.hpp"
#include "decoder_support.hpp"
#include "features/jpeg_reader.hpp"
#include "fuzz_support.hpp"

#include <opencv2/imgcodecs.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace bundle_match;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::be_quiet();
  const std::string_view bytes = fuzz::Input(data, size).rest();
  const drawing::PictureSize stated = drawing::jpeg_size(bytes);
  constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 12;
  if (std::uint64_t{stated.width} * stated.height > kMostPixels) {
    return 0;  // takes memory, and nothing else is different
  }
  const fuzz::MemoryFile file(bytes);
  if (const auto pixels = features::read_jpeg(file.path())) {
    fuzz::require(fuzz::is_the_same(*pixels, cv::imread(file.path(), cv::IMREAD_GRAYSCALE)),
                  "the pixels are those of OpenCV");
  }
  return 0;
}

// What is read of images before, or instead of, decoding them: what their headers state.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/drawing/jpeg_size.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "command/hand_out_order.hpp"
#include "fuzz_support.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace bundle_match;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::Input(data, size).rest();
  const auto jpeg = drawing::jpeg_size(bytes);
  fuzz::require(jpeg.width <= 65535 && jpeg.height <= 65535, "a JPEG's sides have 16 bits");

  const fuzz::MemoryFile file(bytes);
  const features::ImageHeader header = features::read_header(file.path());
  if (const auto stated = header.size) {
    fuzz::require(stated->width > 0 && stated->height > 0 && stated->pixels() > 0,
                  "a size that is stated is not 0");
  }
  fuzz::require(!header.position || is_valid(*header.position), "a position is on Earth");
  PathList paths;
  paths.add(file.path());
  fuzz::require(app::hand_out_order(paths).size() == 1, "an image is handed out once");
  return 0;
}

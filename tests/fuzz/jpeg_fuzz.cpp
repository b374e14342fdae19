// Our JPEG reader against cv::imread: the same pixels, or it leaves the file to that.
// SPDX-License-Identifier: Apache-2.0
#include "decoder_support.hpp"
#include "features/jpeg_reader.hpp"
#include "fuzz_support.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace bundle_match;

namespace {

// Whether some frame's header (SOFn), wherever it stands, states more pixels than are worth the
// time.
bool is_large(std::string_view bytes) {
  constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 12;
  constexpr std::size_t kSizeAt = 5;
  const auto u16 = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return std::uint64_t{first} << 8U | second;
  };
  for (std::size_t at = 0; at + kSizeAt + 4 <= bytes.size(); ++at) {
    const bool may_be_header = u16(at) >= 0xffc0 && u16(at) <= 0xffcf;
    if (may_be_header && u16(at + kSizeAt) * u16(at + kSizeAt + 2) > kMostPixels) {
      return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::be_quiet();
  const std::string_view bytes = fuzz::Input(data, size).rest();
  if (is_large(bytes)) {
    return 0;
  }
  const fuzz::MemoryFile file(bytes);
  if (const auto pixels = features::read_jpeg(file.path())) {
    fuzz::require_as_imread(*pixels, file.path());
  }
  return 0;
}

// Estimates the pixels of images and sorts by them.
// SPDX-License-Identifier: Apache-2.0
#include "command/hand_out_order.hpp"

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace bundle_match::app {
namespace {

// A photograph as JPEG has 1 to 3 bits a pixel.
constexpr std::uint64_t kPixelsPerByte = 4;

// Only an estimate: a file with a wrong header makes the order worse, nothing else.
std::uint64_t estimated_pixels(const std::string& path) {
  const UniqueFd file = open_for_reading(path);
  if (!file.valid()) {
    return 0;
  }
  struct stat status {};
  std::array<char, 24> start{};
  const bool is_file = ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
  const bool has_start = is_file && ::pread(file.get(), start.data(), start.size(), 0) ==
                                        static_cast<ssize_t>(start.size());
  if (!is_file) {
    return 0;
  }
  // A PNG may hold any number of pixels, but its header states it (PNG specification, 5.2
  // and 11.2.2: the signature, then the IHDR chunk with width and height in network byte order).
  constexpr char kPngStart[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
  if (has_start && std::memcmp(start.data(), kPngStart, sizeof kPngStart - 1) == 0) {
    std::array<std::uint32_t, 2> size{};
    std::memcpy(size.data(), start.data() + 16, sizeof size);
    return std::uint64_t{ntohl(size[0])} * ntohl(size[1]);
  }
  return static_cast<std::uint64_t>(status.st_size) * kPixelsPerByte;
}

}  // namespace

LargeVector<ImageIndex> hand_out_order(const PathList& paths, std::chrono::milliseconds patience) {
  // The order of the last images matters most, so sorting only a part of the list gains little.
  constexpr std::size_t kLookAtClockEvery = 64;
  LargeVector<ImageIndex> order(paths.size());
  std::iota(order.begin(), order.end(), ImageIndex());
  ById<ImageIndex, std::uint64_t> pixels;
  const auto start = std::chrono::steady_clock::now();
  while (pixels.size() < paths.size()) {
    if (pixels.size() % kLookAtClockEvery == 0) {
      const auto spent = std::chrono::steady_clock::now() - start;
      const auto hopeless = patience * 4 * pixels.size() / paths.size();  // at this rate
      if (spent > patience || (spent > patience / 10 && spent > hopeless)) {
        break;
      }
    }
    pixels.push_back(estimated_pixels(std::string(paths[pixels.size()])));
  }
  std::stable_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(pixels.size()),
                   [&](ImageIndex a, ImageIndex b) { return pixels[a] > pixels[b]; });
  return order;
}

}  // namespace bundle_match::app

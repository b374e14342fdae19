// The first directory of a TIFF, up to the tag of the orientation.
// SPDX-License-Identifier: Apache-2.0
#include "exif_orientation.hpp"

#include <opencv2/core.hpp>

#include <array>
#include <cstddef>

namespace bundle_match::features {
namespace {

class TiffBytes {
 public:
  explicit TiffBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool has_header() {
    constexpr std::uint16_t kIntel = 0x4949, kMotorola = 0x4d4d, kMagic = 42;
    if (bytes_.size() < 8 || (u16(0) != kIntel && u16(0) != kMotorola)) {
      return false;
    }
    little_endian_ = u16(0) == kIntel;
    return u16(2) == kMagic;
  }

  [[nodiscard]] bool has(std::uint64_t at, std::uint64_t size) const {
    return at <= bytes_.size() && size <= bytes_.size() - at;
  }

  // Positions within the bytes.
  [[nodiscard]] std::uint16_t u16(std::size_t at) const {
    const unsigned first = bytes_[at], second = bytes_[at + 1];
    return static_cast<std::uint16_t>(little_endian_ ? second << 8U | first : first << 8U | second);
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const {
    const std::uint32_t first = u16(at), second = u16(at + 2);
    return little_endian_ ? second << 16U | first : first << 16U | second;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  bool little_endian_ = false;
};

constexpr std::uint16_t kOrientation = 0x0112;
constexpr std::size_t kEntryBytes = 12;

// Of the tags before the orientation, OpenCV reads these texts, and stops where one is not there.
bool is_text(std::uint16_t tag) { return tag >= 0x010e && tag <= 0x0110; }

bool has_its_text(const TiffBytes& tiff, std::size_t entry) {
  constexpr std::uint32_t kMostWithin = 4;  // in the entry itself, instead of its position
  const std::uint32_t size = tiff.u32(entry + 4);
  return size <= kMostWithin || tiff.has(tiff.u32(entry + 8), size);
}

}  // namespace

std::optional<std::uint16_t> exif_orientation(std::span<const std::uint8_t> bytes) {
  TiffBytes tiff(bytes);
  if (!tiff.has_header()) {
    return std::nullopt;
  }
  const std::uint32_t directory = tiff.u32(4);
  if (!tiff.has(directory, 2)) {
    return std::nullopt;
  }
  const std::size_t count = tiff.u16(directory);
  std::uint16_t last = 0;
  bool beyond = false;  // the orientation's place, as tags ascend
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (!tiff.has(entry, kEntryBytes)) {
      return beyond ? std::optional<std::uint16_t>(1) : std::nullopt;
    }
    const std::uint16_t tag = tiff.u16(entry);
    if (tag == kOrientation && !beyond) {
      return tiff.u16(entry + 8);
    }
    if (tag < last || tag == kOrientation || (is_text(tag) && !has_its_text(tiff, entry))) {
      return std::nullopt;
    }
    last = tag;
    beyond = beyond || tag > kOrientation;
  }
  return 1;
}

void turn_upright(cv::Mat& pixels, std::uint16_t orientation) {
  enum Flip { none = 2, top_down = 0, left_right = 1, both = -1 };  // cv::flip's codes, and none
  struct Turn {
    bool transposed;
    Flip flip;
  };
  constexpr std::array<Turn, 9> kTurns = {{{false, none},
                                           {false, none},
                                           {false, left_right},
                                           {false, both},
                                           {false, top_down},
                                           {true, none},
                                           {true, left_right},
                                           {true, both},
                                           {true, top_down}}};
  const Turn turn = orientation < kTurns.size() ? kTurns.at(orientation) : kTurns[0];
  if (turn.transposed) {
    cv::Mat transposed;
    cv::transpose(pixels, transposed);
    pixels = transposed;
  }
  if (turn.flip != none) {
    cv::flip(pixels, pixels, turn.flip);
  }
}

}  // namespace bundle_match::features

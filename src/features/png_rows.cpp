// The filters of ISO/IEC 15948, and grey as cv::imread asks libpng for it.
// SPDX-License-Identifier: Apache-2.0
#include "png_rows.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace bundle_match::features::png {
namespace {

// The channels of a pixel beside each other, as numbers that differences fit in. Each pixel needs
// the one before: what there is to win is that its channels are computed at once, without branches.
using Lanes = std::int16_t __attribute__((vector_size(16)));
using Bytes = std::uint8_t __attribute__((vector_size(8)));
using Words = std::uint32_t __attribute__((vector_size(8)));

// Of three channels, a byte behind the pixel is read, too.
template <int Channels>
Lanes load(const std::uint8_t* pixel) {
  std::uint32_t word = 0;
  std::memcpy(&word, pixel, std::bit_ceil(unsigned{Channels}));
  return __builtin_convertvector((Bytes)(Words{word, 0}), Lanes);
}

template <int Channels>
void store(std::uint8_t* pixel, Lanes values) {
  const Bytes bytes = __builtin_convertvector(values, Bytes);
  const std::uint32_t word = ((Words)bytes)[0];
  std::memcpy(pixel, &word, std::bit_floor(unsigned{Channels}));
  if constexpr (Channels == 3) {  // the byte behind is still to be read
    pixel[2] = bytes[2];
  }
}

Lanes absolute(Lanes values) { return values < 0 ? -values : values; }

Lanes paeth(Lanes left, Lanes up, Lanes corner) {
  const Lanes from_left = absolute(up - corner);
  const Lanes from_up = absolute(left - corner);
  const Lanes from_corner = absolute(left + up - 2 * corner);
  const Lanes nearer = from_left <= from_up ? left : up;
  const Lanes from_nearer = from_left <= from_up ? from_left : from_up;
  return from_nearer <= from_corner ? nearer : corner;
}

/// Undoes a row's filter in place; `above` is the row before, or zeros. False: no such filter.
template <int Channels>
bool unfilter(int filter, std::uint8_t* row, const std::uint8_t* above, std::size_t bytes) {
  const auto add = [](std::uint8_t a, int b) { return static_cast<std::uint8_t>(a + b); };
  switch (filter) {
    case 0:
      return true;
    case 1:
      for (std::size_t i = Channels; i < bytes; ++i) {
        row[i] = add(row[i], row[i - Channels]);
      }
      return true;
    case 2:
      for (std::size_t i = 0; i < bytes; ++i) {
        row[i] = add(row[i], above[i]);
      }
      return true;
    case 3: {
      std::array<int, Channels> left{};
      for (std::size_t i = 0; i < bytes; i += Channels) {
        for (std::size_t c = 0; c < Channels; ++c) {
          left[c] = row[i + c] = add(row[i + c], (left[c] + above[i + c]) / 2);
        }
      }
      return true;
    }
    case 4: {
      constexpr std::int16_t kByte = 255;
      Lanes left{}, corner{};
      for (std::size_t i = 0; i < bytes; i += Channels) {
        const Lanes up = load<Channels>(above + i);
        left = (load<Channels>(row + i) + paeth(left, up, corner)) & kByte;
        store<Channels>(row + i, left);
        corner = up;
      }
      return true;
    }
    default:
      return false;
  }
}

/// libpng's png_set_rgb_to_gray(., 0.299, 0.587), as cv::imread asks for it: weights of 15 bits; of
/// sRGB, on linear light.
class GreyOfRgb {
 public:
  explicit GreyOfRgb(bool srgb) : rounding_(srgb ? 1U << 14 : 0) {
    constexpr std::array<std::uint32_t, 3> kWeights = {9797, 19234, 32768 - 9797 - 19234};
    for (int value = 0; value < 256; ++value) {
      const auto i = static_cast<std::size_t>(value);
      const std::uint32_t light =
          srgb ? powered(value, 219998 * .00001) : static_cast<std::uint32_t>(value);
      for (std::size_t c = 0; c < 3; ++c) {
        weighted_[c][i] = kWeights[c] * light;
      }
      grey_of_light_[i] = static_cast<std::uint8_t>(srgb ? powered(value, 45455 * .00001) : value);
    }
  }

  template <int Channels>
  void convert(const std::uint8_t* pixels, std::uint8_t* grey, std::size_t width) const {
    for (std::size_t x = 0; x < width; ++x, pixels += Channels) {
      const std::uint8_t r = pixels[0], g = pixels[1], b = pixels[2];
      const std::uint32_t light = weighted_[0][r] + weighted_[1][g] + weighted_[2][b] + rounding_;
      grey[x] = r == g && r == b ? r : grey_of_light_[light >> 15];
    }
  }

 private:
  static std::uint8_t powered(int value, double exponent) {
    return static_cast<std::uint8_t>(std::floor(255 * std::pow(value / 255., exponent) + 0.5));
  }

  std::uint32_t rounding_;
  std::array<std::array<std::uint32_t, 256>, 3> weighted_{};
  std::array<std::uint8_t, 256> grey_of_light_{};
};

template <int Channels>
std::optional<cv::Mat> grey_rows(const Header& header, Buffer& raw) {
  const std::size_t bytes = std::size_t{header.width} * Channels;
  const std::vector<std::uint8_t> zeros(bytes + 1);  // as Buffer
  const GreyOfRgb grey_of_rgb(header.srgb);
  cv::Mat grey(static_cast<int>(header.height), static_cast<int>(header.width), CV_8UC1);
  const std::uint8_t* above = zeros.data();
  for (std::uint32_t y = 0; y < header.height; ++y) {
    std::uint8_t* row = raw.memory.get() + y * (bytes + 1) + 1;
    if (!unfilter<Channels>(row[-1], row, above, bytes)) {
      return std::nullopt;
    }
    auto* out = grey.ptr<std::uint8_t>(static_cast<int>(y));
    if constexpr (Channels >= 3) {
      grey_of_rgb.convert<Channels>(row, out, header.width);
    } else {
      for (std::size_t x = 0; x < header.width; ++x) {
        out[x] = row[x * Channels];
      }
    }
    above = row;
  }
  return grey;
}

}  // namespace

std::optional<cv::Mat> to_grey(Rows rows) {
  switch (rows.header.channels) {
    case 1:
      return grey_rows<1>(rows.header, rows.bytes);
    case 2:
      return grey_rows<2>(rows.header, rows.bytes);
    case 3:
      return grey_rows<3>(rows.header, rows.bytes);
    default:
      return grey_rows<4>(rows.header, rows.bytes);
  }
}

}  // namespace bundle_match::features::png

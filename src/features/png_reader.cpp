// PNG (ISO/IEC 15948): chunks, zlib stream by libdeflate, filters, and libpng's way to grey.
// SPDX-License-Identifier: Apache-2.0
#include "png_reader.hpp"

#include "bundle_match/posix/file_descriptor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <libdeflate.h>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bundle_match::features {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr std::size_t kHeaderBytes = 13;
/// libpng's limit, below OpenCV's; larger images are not common.
constexpr std::uint32_t kLongestSide = 1'000'000;
constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 28;

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

/// Memory that is not cleared first.
struct Buffer {
  explicit Buffer(std::size_t bytes)
      : memory(static_cast<std::uint8_t*>(std::malloc(std::max<std::size_t>(bytes, 1)))),
        size(bytes) {
    if (!memory) {
      throw std::bad_alloc();
    }
  }
  std::unique_ptr<std::uint8_t, FreeMemory> memory;
  std::size_t size;
};

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// What the chunks before the pixels say.
struct Header {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int channels = 0;
  bool srgb = false;  ///< gamma 1/2.2, which libpng takes account of on the way to grey
};

std::optional<Header> parse_header(Bytes data) {
  Header header{big_endian(data.data()), big_endian(data.data() + 4), 0, false};
  constexpr std::array<int, 7> kChannelsOfType = {1, 0, 3, 0, 2, 0, 4};
  const std::uint8_t depth = data[8], type = data[9];
  const bool plain = data[10] == 0 && data[11] == 0 && data[12] == 0;  // not interlaced
  header.channels = type < kChannelsOfType.size() ? kChannelsOfType[type] : 0;
  const bool sized = header.width > 0 && header.height > 0 && header.width <= kLongestSide &&
                     header.height <= kLongestSide &&
                     std::uint64_t{header.width} * header.height <= kMostPixels;
  if (depth != 8 || !plain || header.channels == 0 || !sized) {
    return std::nullopt;
  }
  return header;
}

std::string_view type_of(const std::uint8_t* chunk) {
  return {reinterpret_cast<const char*>(chunk) + 4, 4};
}

bool is_about_gamma(std::string_view type, Bytes data, Header& header) {
  constexpr std::uint32_t kGammaOfSrgb = 45455;
  if (type == "sRGB"
          ? data.size() == 1 && data[0] < 4
          : type == "gAMA" && data.size() == 4 && big_endian(data.data()) == kGammaOfSrgb) {
    header.srgb = true;
    return true;
  }
  return false;
}

bool changes_no_pixel(std::string_view type) {
  constexpr std::string_view kHarmless[] = {"tEXt", "zTXt", "iTXt", "tIME", "pHYs", "bKGD", "sBIT"};
  return std::find(std::begin(kHarmless), std::end(kHarmless), type) != std::end(kHarmless);
}

/// A PNG taken apart; its pieces of the zlib stream are moved together within the file's bytes.
struct Parts {
  Header header;
  Bytes stream;
};

std::optional<Parts> take_apart(std::span<std::uint8_t> file) {
  std::optional<Header> header;
  std::size_t stream_start = 0;
  std::size_t stream_end = 0;
  bool stream_over = false;
  constexpr std::size_t kAround = 12;  // length, type, CRC
  for (std::size_t at = kSignature.size(); file.size() - at >= kAround;) {
    const std::uint8_t* chunk = file.data() + at;
    const std::size_t length = big_endian(chunk);
    if (length > file.size() - at - kAround ||
        libdeflate_crc32(0, chunk + 4, length + 4) != big_endian(chunk + 8 + length)) {
      return std::nullopt;
    }
    const std::string_view type = type_of(chunk);
    const Bytes data(chunk + 8, length);
    stream_over = stream_over || (stream_end > 0 && type != "IDAT");
    if (!header) {
      header = type == "IHDR" && length == kHeaderBytes ? parse_header(data) : std::nullopt;
      if (!header) {
        return std::nullopt;
      }
    } else if (type == "IDAT") {
      if (stream_over) {
        return std::nullopt;
      }
      stream_start = stream_end == 0 ? at + 8 : stream_start;
      stream_end = stream_end == 0 ? stream_start : stream_end;
      std::memmove(file.data() + stream_end, data.data(), length);
      stream_end += length;
    } else if (type == "IEND") {
      return stream_end > 0 ? std::optional(Parts{
                                  *header, {file.data() + stream_start, stream_end - stream_start}})
                            : std::nullopt;
    } else if (!changes_no_pixel(type) &&
               (stream_end > 0 || !is_about_gamma(type, data, *header))) {
      return std::nullopt;
    }
    at += kAround + length;
  }
  return std::nullopt;
}

std::uint8_t paeth(int left, int up, int corner) {
  const int from_left = std::abs(up - corner);
  const int from_up = std::abs(left - corner);
  const int from_corner = std::abs(left + up - 2 * corner);
  const int nearer = from_left <= from_up ? left : up;
  return static_cast<std::uint8_t>(std::min(from_left, from_up) <= from_corner ? nearer : corner);
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
      std::array<int, Channels> left{}, corner{};
      for (std::size_t i = 0; i < bytes; i += Channels) {
        for (std::size_t c = 0; c < Channels; ++c) {
          const int up = above[i + c];
          left[c] = row[i + c] = add(row[i + c], paeth(left[c], up, corner[c]));
          corner[c] = up;
        }
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
  const std::vector<std::uint8_t> zeros(bytes);
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

/// The filtered rows, each behind its filter's number.
std::optional<Buffer> inflate(const Parts& parts) {
  struct Free {
    void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
  };
  const std::unique_ptr<libdeflate_decompressor, Free> decompressor(
      libdeflate_alloc_decompressor());
  if (!decompressor) {
    throw std::bad_alloc();
  }
  const Header& header = parts.header;
  Buffer raw((std::size_t{header.width} * static_cast<std::size_t>(header.channels) + 1) *
             header.height);
  std::size_t read = 0;
  const auto result =
      libdeflate_zlib_decompress_ex(decompressor.get(), parts.stream.data(), parts.stream.size(),
                                    raw.memory.get(), raw.size, &read, nullptr);
  return result == LIBDEFLATE_SUCCESS && read == parts.stream.size() ? std::optional(std::move(raw))
                                                                     : std::nullopt;
}

/// The whole file, if it begins like a PNG of this kind.
std::optional<Buffer> read_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  std::array<std::uint8_t, 16 + kHeaderBytes> start{};
  if (::pread(file.get(), start.data(), start.size(), 0) != static_cast<ssize_t>(start.size()) ||
      std::memcmp(start.data(), kSignature.data(), kSignature.size()) != 0 ||
      !parse_header(Bytes(start).subspan(16))) {
    return std::nullopt;
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return std::nullopt;
  }
  Buffer bytes(static_cast<std::size_t>(status.st_size));
  for (std::size_t at = 0; at < bytes.size;) {
    const ssize_t size =
        ::pread(file.get(), bytes.memory.get() + at, bytes.size - at, static_cast<off_t>(at));
    if (size <= 0) {
      return std::nullopt;
    }
    at += static_cast<std::size_t>(size);
  }
  return bytes;
}

}  // namespace

std::optional<cv::Mat> read_plain_png(const std::string& path) {
  std::optional<Buffer> file = read_file(path);
  if (!file) {
    return std::nullopt;
  }
  const auto parts = take_apart({file->memory.get(), file->size});
  auto raw = parts ? inflate(*parts) : std::nullopt;
  if (!raw) {
    return std::nullopt;
  }
  file.reset();
  switch (parts->header.channels) {
    case 1:
      return grey_rows<1>(parts->header, *raw);
    case 2:
      return grey_rows<2>(parts->header, *raw);
    case 3:
      return grey_rows<3>(parts->header, *raw);
    default:
      return grey_rows<4>(parts->header, *raw);
  }
}

}  // namespace bundle_match::features

// PNG (ISO/IEC 15948): chunks, and the zlib stream by libdeflate.
// SPDX-License-Identifier: Apache-2.0
#include "png_reader.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "png_rows.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <libdeflate.h>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace bundle_match::features {
namespace {

using png::Buffer;
using png::Header;
using png::Rows;
using Bytes = std::span<const std::uint8_t>;

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr std::size_t kHeaderBytes = 13;
/// libpng's limit, below OpenCV's; larger images are not common.
constexpr std::uint32_t kLongestSide = 1'000'000;
constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 28;

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

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

bool has_signature(Bytes file) {
  return file.size() >= kSignature.size() &&
         std::memcmp(file.data(), kSignature.data(), kSignature.size()) == 0;
}

std::optional<Parts> take_apart(std::span<std::uint8_t> file) {
  if (!has_signature(file)) {
    return std::nullopt;  // it was another file when its start was looked at
  }
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

std::optional<Rows> inflate(const Parts& parts) {
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
  return result == LIBDEFLATE_SUCCESS && read == parts.stream.size()
             ? std::optional(Rows{header, std::move(raw)})
             : std::nullopt;
}

std::optional<Rows> inflate(std::span<std::uint8_t> file) {
  const auto parts = take_apart(file);
  return parts ? inflate(*parts) : std::nullopt;
}

/// The whole file, if it begins like a PNG of this kind.
std::optional<Buffer> read_file(const std::string& path) {
  const UniqueFd file = open_for_reading(path);
  std::array<std::uint8_t, 16 + kHeaderBytes> start{};
  if (::pread(file.get(), start.data(), start.size(), 0) != static_cast<ssize_t>(start.size()) ||
      !has_signature(start) || !parse_header(Bytes(start).subspan(16))) {
    return std::nullopt;
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return std::nullopt;
  }
  Buffer bytes(static_cast<std::size_t>(status.st_size));
  const std::span<char> all(reinterpret_cast<char*>(bytes.memory.get()), bytes.size);
  if (read_at(file.get(), all, 0) != static_cast<std::int64_t>(bytes.size)) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace

std::optional<cv::Mat> read_plain_png(const std::string& path) {
  std::optional<Buffer> file = read_file(path);
  if (!file) {
    return std::nullopt;
  }
  auto rows = inflate({file->memory.get(), file->size});
  file.reset();
  return rows ? to_grey(std::move(*rows)) : std::nullopt;
}

std::optional<cv::Mat> decode_plain_png(std::span<std::uint8_t> file) {
  auto rows = inflate(file);
  return rows ? to_grey(std::move(*rows)) : std::nullopt;
}

}  // namespace bundle_match::features

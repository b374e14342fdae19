// Headers, their checksums, and pixels of no interest.
// SPDX-License-Identifier: Apache-2.0
#include "raw_images.hpp"

#include <cstdint>

namespace bundle_match::test {
namespace {

using namespace std::string_view_literals;

void append_little(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out += static_cast<char>(value >> (8 * i));
  }
}

void append_big(std::string& out, std::uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) {
    out += static_cast<char>(value >> (8 * i));
  }
}

// PNG specification, annex D.
std::uint32_t crc(std::string_view bytes) {
  std::uint32_t value = 0xffffffff;
  for (const char byte : bytes) {
    value ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? 0xedb88320 ^ (value >> 1) : value >> 1;
    }
  }
  return ~value;
}

// Of type and content, with length and checksum.
std::string png_chunk(const std::string& chunk) {
  std::string bytes;
  append_big(bytes, static_cast<std::uint32_t>(chunk.size()) - 4, 4);
  bytes += chunk;
  append_big(bytes, crc(chunk), 4);
  return bytes;
}

// Rows of 3 bytes a pixel, padded to 4 bytes, with some change in them.
std::string bmp_pixels(std::uint32_t width, std::uint32_t height) {
  std::string pixels;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < (width * 3 + 3) / 4 * 4; ++x) {
      pixels += static_cast<char>(x * 5 + y * 11);
    }
  }
  return pixels;
}

std::string bmp_file(const std::string& header, const std::string& pixels) {
  constexpr std::uint32_t kFileHeader = 14;
  const auto offset = kFileHeader + static_cast<std::uint32_t>(header.size());
  std::string bytes = "BM";
  append_little(bytes, offset + static_cast<std::uint32_t>(pixels.size()), 4);
  append_little(bytes, 0, 4);
  append_little(bytes, offset, 4);
  return bytes + header + pixels;
}

}  // namespace

std::string png_without_pixels(std::uint32_t width, std::uint32_t height) {
  std::string chunk = "IHDR";
  append_big(chunk, width, 4);
  append_big(chunk, height, 4);
  chunk += "\x08\0\0\0\0"sv;  // 8 bits, grey, the only methods, not interlaced
  return "\x89PNG\r\n\x1a\n" + png_chunk(chunk) + png_chunk("IDAT") + png_chunk("IEND");
}

std::string bmp(std::int32_t width, std::int32_t height) {
  const auto rows = static_cast<std::uint32_t>(height < 0 ? -height : height);
  const std::string pixels = bmp_pixels(static_cast<std::uint32_t>(width), rows);
  std::string header;
  append_little(header, 40, 4);
  append_little(header, static_cast<std::uint32_t>(width), 4);
  append_little(header, static_cast<std::uint32_t>(height), 4);
  append_little(header, 1, 2);   // planes
  append_little(header, 24, 2);  // bits a pixel
  append_little(header, 0, 4);   // not compressed
  append_little(header, static_cast<std::uint32_t>(pixels.size()), 4);
  header += std::string(16, '\0');  // resolution and palette
  return bmp_file(header, pixels);
}

std::string os2_bmp(std::uint16_t width, std::uint16_t height) {
  std::string header;
  append_little(header, 12, 4);
  append_little(header, width, 2);
  append_little(header, height, 2);
  append_little(header, 1, 2);
  append_little(header, 24, 2);
  return bmp_file(header, bmp_pixels(width, height));
}

std::string with_orientation(std::string_view jpeg, std::uint16_t orientation) {
  std::string exif("Exif\0\0II*\0"sv);
  append_little(exif, 8, 4);       // the directory follows at once
  append_little(exif, 1, 2);       // one entry:
  append_little(exif, 0x0112, 2);  // orientation,
  append_little(exif, 3, 2);       // a short,
  append_little(exif, 1, 4);       // one of them
  append_little(exif, orientation, 4);
  append_little(exif, 0, 4);  // no further directory
  std::string segment = "\xff\xe1";
  append_big(segment, static_cast<std::uint32_t>(exif.size()) + 2, 2);
  // After the start of image, before anything else.
  return std::string(jpeg.substr(0, 2)) + segment + exif + std::string(jpeg.substr(2));
}

}  // namespace bundle_match::test

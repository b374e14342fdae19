// Chunks of ISO/IEC 15948.
// SPDX-License-Identifier: Apache-2.0
#include "png_file.hpp"

#include <algorithm>
#include <array>
#include <libdeflate.h>
#include <memory>
#include <new>
#include <zlib.h>

namespace bundle_match::fuzz {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr std::size_t kAround = 12;  // length, type, CRC

std::string big_endian(std::size_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U),
          static_cast<char>(value >> 8U), static_cast<char>(value)};
}

std::size_t number_at(std::string_view bytes, std::size_t at) {
  std::size_t value = 0;
  for (const char c : bytes.substr(at, 4)) {
    value = value << 8U | static_cast<unsigned char>(c);
  }
  return value;
}

std::string chunk_bytes(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  return big_endian(data.size()) + body + big_endian(libdeflate_crc32(0, body.data(), body.size()));
}

}  // namespace

PngChunk* PngFile::find(std::string_view type) {
  const auto found = std::find_if(chunks.begin(), chunks.end(),
                                  [&](const PngChunk& chunk) { return chunk.type == type; });
  return found != chunks.end() ? &*found : nullptr;
}

std::string PngFile::bytes(std::size_t pieces) const {
  std::string out(kSignature);
  for (const PngChunk& chunk : chunks) {
    const std::size_t parts = chunk.type == "IDAT" ? std::max<std::size_t>(pieces, 1) : 1;
    const std::size_t step = chunk.data.size() / parts + 1;
    for (std::size_t at = 0; at == 0 || at < chunk.data.size(); at += step) {
      out += chunk_bytes(chunk.type, std::string_view(chunk.data).substr(at, step));
    }
  }
  return out;
}

PngFile parse_png(std::string_view bytes) {
  PngFile file;
  for (std::size_t at = kSignature.size(); at + kAround <= bytes.size();) {
    const std::size_t length = std::min(number_at(bytes, at), bytes.size() - at - kAround);
    PngChunk chunk{std::string(bytes.substr(at + 4, 4)), std::string(bytes.substr(at + 8, length))};
    PngChunk* const stream = chunk.type == "IDAT" ? file.find("IDAT") : nullptr;
    if (stream != nullptr) {
      stream->data += chunk.data;
    } else {
      file.chunks.push_back(std::move(chunk));
    }
    at += kAround + length;
  }
  return file.find("IHDR") != nullptr ? file : PngFile{};
}

std::string inflated(std::string_view stream) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> it(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  std::string out(std::size_t{1} << 16U, '\0');
  std::size_t size = 0;
  const auto result = libdeflate_zlib_decompress(it.get(), stream.data(), stream.size(), out.data(),
                                                 out.size(), &size);
  out.resize(result == LIBDEFLATE_SUCCESS ? size : 0);
  return out;
}

bool zlib_decodes(std::string_view stream, std::size_t piece) {
  z_stream state{};
  if (inflateInit2(&state, 0) != Z_OK) {
    throw std::bad_alloc();
  }
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));
  state.avail_in = static_cast<uInt>(stream.size());
  std::vector<Bytef> out(std::max<std::size_t>(piece, 1));
  int result = Z_OK;
  while (result == Z_OK) {
    state.next_out = out.data();
    state.avail_out = static_cast<uInt>(out.size());
    result = inflate(&state, Z_SYNC_FLUSH);
  }
  inflateEnd(&state);
  return result == Z_STREAM_END;
}

std::string deflated(std::string_view bytes, int level) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> it(
      libdeflate_alloc_compressor(level), libdeflate_free_compressor);
  std::string out(libdeflate_zlib_compress_bound(it.get(), bytes.size()), '\0');
  out.resize(
      libdeflate_zlib_compress(it.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

std::size_t row_bytes(std::string_view header) {
  constexpr std::array<std::size_t, 7> kChannels = {1, 0, 3, 1, 2, 0, 4};
  if (header.size() < 13) {
    return 0;
  }
  const auto depth = static_cast<unsigned char>(header[8]);
  const auto type = static_cast<unsigned char>(header[9]);
  const std::size_t channels = type < kChannels.size() ? kChannels.at(type) : 0;
  return (number_at(header, 0) * channels * depth + 7) / 8 + 1;
}

PngFile small_png(std::uint8_t colour_type, std::mt19937& random) {
  const std::size_t width = 1 + random() % 9, height = 1 + random() % 6;
  std::string header = big_endian(width) + big_endian(height);
  header += {8, static_cast<char>(colour_type), 0, 0, 0};
  const std::size_t bytes = row_bytes(header);
  std::string rows(bytes * height, '\0');
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = static_cast<char>(i % bytes == 0 ? random() % 5 : random());
  }
  return {{{"IHDR", header}, {"IDAT", deflated(rows, 6)}, {"IEND", ""}}};
}

}  // namespace bundle_match::fuzz

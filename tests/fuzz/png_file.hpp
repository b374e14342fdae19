// A PNG as chunks and pixels, to be changed in ways that leave it one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::fuzz {

struct PngChunk {
  std::string type;  ///< 4 bytes
  std::string data;
};

/// The chunks of a PNG; the data of all its IDAT chunks is one chunk, in the place of the first.
struct PngFile {
  std::vector<PngChunk> chunks;

  /// The chunk of that type; nothing if there is none.
  [[nodiscard]] PngChunk* find(std::string_view type);
  /// With lengths and CRCs put right, and the IDAT data in `pieces` chunks.
  [[nodiscard]] std::string bytes(std::size_t pieces) const;
};

/// Reads lengths as they are, up to the end; CRCs do not matter. Empty if there is no IHDR.
[[nodiscard]] PngFile parse_png(std::string_view bytes);

/// zlib streams. What cannot be inflated, or to more than 64 KiB, is empty.
[[nodiscard]] std::string inflated(std::string_view stream);
[[nodiscard]] std::string deflated(std::string_view bytes, int level);

/// Whether zlib decodes the stream, in pieces and with the window of its header, as libpng has it
/// do.
[[nodiscard]] bool zlib_decodes(std::string_view stream, std::size_t piece);

/// A small PNG of that colour type, 8 bits a channel.
[[nodiscard]] PngFile small_png(std::uint8_t colour_type, std::mt19937& random);

/// Bytes of the filtered rows of such an image without interlace; 0 if the header is short.
[[nodiscard]] std::size_t row_bytes(std::string_view header);

}  // namespace bundle_match::fuzz

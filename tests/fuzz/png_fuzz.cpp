// Our PNG readers against cv::imread: the same pixels, or they leave the file to that.
// SPDX-License-Identifier: Apache-2.0
#include "decoder_support.hpp"
#include "features/libpng_reader.hpp"
#include "features/png_reader.hpp"
#include "fuzz_support.hpp"
#include "png_file.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using namespace bundle_match;
using fuzz::PngChunk;
using fuzz::PngFile;

std::uint64_t u32(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 4 && at + i < bytes.size(); ++i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

// Whether a header, wherever it stands, or the length of a chunk takes memory and time that the
// test is not worth.
bool is_large(std::string_view bytes) {
  constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 16;
  constexpr std::string_view kHeader = "IHDR";
  for (auto at = bytes.find(kHeader); at != std::string_view::npos;
       at = bytes.find(kHeader, at + 1)) {
    if (u32(bytes, at + 4) * u32(bytes, at + 8) > kMostPixels) {
      return true;
    }
  }
  constexpr std::uint64_t kLongestChunk = std::uint64_t{1} << 20;
  constexpr std::uint64_t kSignature = 8, kAround = 12;  // length, type, checksum
  std::uint64_t length = 0;
  for (std::uint64_t at = kSignature; at < bytes.size() && length <= kLongestChunk;
       at += length + kAround) {
    length = u32(bytes, at);
  }
  return length > kLongestChunk;
}

void mutate(std::string& bytes, std::size_t room) {
  const std::size_t size = bytes.size();
  bytes.resize(size + room);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size()));
}

// Filters and pixels of a file whose stream is sound.
void mutate_rows(PngFile& file, std::mt19937& random) {
  PngChunk* const stream = file.find("IDAT");
  std::string rows = stream != nullptr ? fuzz::inflated(stream->data) : std::string();
  if (rows.empty()) {
    return;
  }
  if (const std::size_t bytes = fuzz::row_bytes(file.find("IHDR")->data);
      bytes > 1 && random() % 2 == 0) {
    rows[random() % ((rows.size() - 1) / bytes + 1) * bytes] = static_cast<char>(random() % 6);
  } else {
    mutate(rows, random() % 2 * 32);
  }
  stream->data = fuzz::deflated(rows, static_cast<int>(random() % 10));
}

// Another header, with as many bytes of rows as it asks for (nearly always).
void change_header(PngFile& file, std::mt19937& random) {
  constexpr std::array<char, 7> kTypes = {0, 2, 3, 4, 6, 1, 7};
  constexpr std::array<char, 6> kDepths = {8, 16, 1, 2, 4, 7};
  std::string& header = file.find("IHDR")->data;
  if (header.size() != 13) {
    header.resize(13);
  }
  const std::size_t height = 1 + random() % 9;
  header.replace(0, 8,
                 std::string{0, 0, 0, static_cast<char>(1 + random() % 40), 0, 0, 0,
                             static_cast<char>(height)});
  header[8] = kDepths.at(random() % 2 == 0 ? 0 : random() % kDepths.size());
  header[9] = kTypes.at(random() % kTypes.size());
  header[12] = static_cast<char>(random() % 8 == 0);
  if (PngChunk* const stream = file.find("IDAT")) {
    std::string rows = fuzz::inflated(stream->data);
    rows.resize(fuzz::row_bytes(header) * height + (random() % 16 == 0 ? 1 : 0), '\x01');
    stream->data = fuzz::deflated(rows, 1);
  }
}

// Chunks that change pixels, or do not, in places where they may stand or may not.
void insert_chunk(PngFile& file, std::mt19937& random) {
  static const std::array<PngChunk, 20> kChunks = {{
      {"gAMA", std::string("\0\0\xb1\x8f", 4)},
      {"gAMA", std::string("\0\1\x86\xa0", 4)},
      {"sRGB", std::string(1, '\0')},
      {"sRGB", std::string(1, '\4')},
      {"tRNS", std::string(6, '\1')},
      {"tRNS", std::string(2, '\1')},
      {"PLTE", "abcdefghi"},
      {"cHRM", std::string(32, '\1')},
      {"iCCP", std::string("profile\0\0x", 10)},
      {"sBIT", "\5\5\5"},
      {"bKGD", std::string(6, '\0')},
      {"hIST", std::string(4, '\0')},
      {"tEXt", std::string("Title\0text", 10)},
      {"zTXt", std::string("Title\0\0x", 8)},
      {"iTXt", std::string("Title\0\0\0\0\0x", 11)},
      {"tIME", std::string("\x07\xe0\1\1\1\1\1", 7)},
      {"pHYs", std::string("\0\0\0\1\0\0\0\1\0", 9)},
      {"eXIf", std::string("II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0", 26)},
      {"acTL", std::string(8, '\1')},
      {"IEND", ""},
  }};
  PngChunk chunk = kChunks.at(random() % kChunks.size());
  if (random() % 4 == 0) {
    mutate(chunk.data, 8);
  }
  const auto place =
      file.chunks.begin() + static_cast<std::ptrdiff_t>(random() % (file.chunks.size() + 1));
  file.chunks.insert(place, std::move(chunk));
}

void mutate(PngFile& file, std::mt19937& random) {
  PngChunk& any = file.chunks[random() % file.chunks.size()];
  switch (random() % 8) {
    case 0:
    case 1:
      return mutate_rows(file, random);
    case 2:
      return change_header(file, random);
    case 3:
    case 4:
      return insert_chunk(file, random);
    case 5:
      return mutate(any.data, 16);
    case 6:
      return mutate(any.type, 0);
    default:
      if (random() % 2 == 0 && any.type != "IHDR") {
        file.chunks.erase(file.chunks.begin() + (&any - file.chunks.data()));
      } else {
        std::swap(any, file.chunks[random() % file.chunks.size()]);
      }
  }
}

// libdeflate decodes symbols that RFC 1951 does not define, incomplete codes, and distances beyond
// the window (png_reader.hpp). Only a stream made on purpose has them.
bool has_sound_stream(std::string_view bytes) {
  PngFile file = fuzz::parse_png(bytes);
  const PngChunk* const stream = file.find("IDAT");
  return stream != nullptr &&
         fuzz::zlib_decodes(stream->data, fuzz::row_bytes(file.find("IHDR")->data));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  if (random() % 16 == 0) {
    return LLVMFuzzerMutate(data, size, most);
  }
  PngFile file = fuzz::parse_png({reinterpret_cast<const char*>(data), size});
  if (file.chunks.empty() || random() % 64 == 0) {
    file = fuzz::small_png(std::array<std::uint8_t, 4>{0, 2, 4, 6}.at(random() % 4), random);
  }
  for (auto changes = random() % 3 + 1; changes > 0 && file.find("IHDR") != nullptr; --changes) {
    mutate(file, random);
  }
  const std::string bytes = file.bytes(random() % 4 + 1);
  const std::size_t kept = std::min(bytes.size(), most);
  bytes.copy(reinterpret_cast<char*>(data), kept);
  return kept;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::be_quiet();
  const std::string_view bytes = fuzz::Input(data, size).rest();
  if (is_large(bytes)) {
    return 0;
  }
  const fuzz::MemoryFile file(bytes);
  std::vector<std::uint8_t> moved(data, data + size);
  const auto ours = features::decode_plain_png(moved);
  const auto from_file = features::read_plain_png(file.path());
  fuzz::require(ours.has_value() == from_file.has_value(), "file and bytes are read alike");
  if (ours && has_sound_stream(bytes)) {
    fuzz::require_as_imread(*ours, file.path());
    fuzz::require(fuzz::is_the_same(*ours, *from_file), "file and bytes give the same pixels");
  }
  if (const auto by_libpng = features::read_png_by_libpng(file.path())) {
    fuzz::require_as_imread(*by_libpng, file.path());
  }
  return 0;
}

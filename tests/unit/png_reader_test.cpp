// Plain PNGs against cv::imread: every kind, filter and chunk, and what must be left to imread.
// SPDX-License-Identifier: Apache-2.0
#include "png_reader.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <libdeflate.h>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace bundle_match::features {
namespace {

using test::TempDir;
using test::write_file;

std::string big_endian(std::size_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  return big_endian(data.size()) + body + big_endian(libdeflate_crc32(0, body.data(), body.size()));
}

std::string compressed(const std::string& bytes) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_zlib_compress_bound(compressor, bytes.size()), '\0');
  out.resize(
      libdeflate_zlib_compress(compressor, bytes.data(), bytes.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

// Color types of the standard.
enum Type { kGrey = 0, kRgb = 2, kPalette = 3, kGreyAlpha = 4, kRgba = 6 };

std::size_t channels_of(Type type) {
  return type == kRgb ? 3 : type == kRgba ? 4 : type == kGreyAlpha ? 2 : 1;
}

struct Png {
  Type type = kRgb;
  std::size_t width = 61, height = 47;
  int depth = 8;
  int interlaced = 0;
  int filter = -1;                           ///< of all rows; -1: any
  std::string before{}, between{}, after{};  ///< chunks around the pixels
  std::string rows_end{};                    ///< added to the filtered rows
  std::string stream_end{};                  ///< added to the zlib stream

  [[nodiscard]] std::string header() const {
    return chunk("IHDR", big_endian(width) + big_endian(height) + static_cast<char>(depth) +
                             static_cast<char>(type) + std::string(2, '\0') +
                             static_cast<char>(interlaced));
  }

  /// Any bytes are a picture in every filter; half of the pixels are grey or nearly so.
  [[nodiscard]] std::string rows() const {
    std::mt19937 random(static_cast<unsigned>(width * 7 + height + static_cast<std::size_t>(type)));
    std::string bytes;
    for (std::size_t y = 0; y < height; ++y) {
      bytes += static_cast<char>(filter >= 0 ? filter : static_cast<int>(random() % 5));
      for (std::size_t x = 0; x < width; ++x) {
        const bool flat = random() % 2 == 0;
        const auto value = static_cast<char>(random());
        for (std::size_t c = 0; c < channels_of(type) * static_cast<std::size_t>(depth) / 8; ++c) {
          bytes += flat ? value : static_cast<char>(random());
        }
      }
    }
    return bytes + rows_end;
  }

  [[nodiscard]] std::string bytes() const {
    const std::string stream = compressed(rows()) + stream_end;
    const std::size_t half = stream.size() / 2;
    return "\x89PNG\r\n\x1a\n" + header() + before + chunk("IDAT", stream.substr(0, half)) +
           between + chunk("IDAT", stream.substr(half)) + after + chunk("IEND", "");
  }
};

class PngReaderTest : public testing::Test {
 protected:
  std::string write(const std::string& bytes) {
    std::string path = dir_ / "image.png";
    write_file(path, bytes);
    return path;
  }

  // Decoded, and as imread does it.
  void expect_as_imread(const Png& png) {
    SCOPED_TRACE(testing::Message() << "type " << png.type << ", " << png.width << " x "
                                    << png.height << ", filter " << png.filter);
    const std::string path = write(png.bytes());
    const auto pixels = read_plain_png(path);
    ASSERT_TRUE(pixels);
    expect_same(*pixels, cv::imread(path, cv::IMREAD_GRAYSCALE));
  }

  static void expect_same(const cv::Mat& pixels, const cv::Mat& expected) {
    ASSERT_EQ(pixels.size(), expected.size());
    ASSERT_EQ(pixels.type(), CV_8UC1);
    EXPECT_EQ(cv::norm(pixels, expected, cv::NORM_INF), 0);
  }

  void expect_left_to_imread(const std::string& bytes) {
    EXPECT_FALSE(read_plain_png(write(bytes)));
  }

 private:
  TempDir dir_;
};

constexpr Type kPlainTypes[] = {kGrey, kRgb, kGreyAlpha, kRgba};

TEST_F(PngReaderTest, GivesImreadsPixelsForEveryKindFilterAndSize) {
  for (const Type type : kPlainTypes) {
    for (int filter = -1; filter < 5; ++filter) {
      expect_as_imread({.type = type, .filter = filter});
    }
    expect_as_imread({.type = type, .width = 1, .height = 1});
    expect_as_imread({.type = type, .width = 1, .height = 300});
    expect_as_imread({.type = type, .width = 1000, .height = 2});
  }
}

TEST_F(PngReaderTest, TurnsSrgbIntoGreyAsLibpngDoes) {
  const std::string srgb = chunk("sRGB", std::string(1, '\0'));
  const std::string gamma = chunk("gAMA", big_endian(45455));
  for (const Type type : kPlainTypes) {
    for (const std::string& before : {srgb, gamma, gamma + srgb, srgb + gamma}) {
      expect_as_imread({.type = type, .width = 400, .height = 400, .before = before});
    }
  }
}

TEST_F(PngReaderTest, PassesOverChunksThatChangeNoPixel) {
  const std::string text = chunk("tEXt", std::string("Title\0Nothing", 13));
  expect_as_imread({.before = text + chunk("pHYs", big_endian(3) + big_endian(4) + '\1'),
                    .after = chunk("tIME", "\7\xe6\1\1\1\1\1") + text});
  expect_as_imread({.before = chunk("sBIT", "\5\6\5")});
  expect_as_imread({.before = chunk("bKGD", std::string("\0\1\0\2\0\3", 6))});
}

TEST_F(PngReaderTest, LeavesOtherKindsToImread) {
  expect_left_to_imread(Png{.depth = 16}.bytes());
  expect_left_to_imread(Png{.type = kGrey, .interlaced = 1}.bytes());
  expect_left_to_imread(
      Png{.type = kPalette, .before = chunk("PLTE", std::string(768, 'x'))}.bytes());
  for (const std::string type : {"tRNS", "iCCP", "cHRM", "eXIf", "hIST", "PLTE", "trAp", "TRAP"}) {
    expect_left_to_imread(Png{.before = chunk(type, "123456")}.bytes());
  }
  expect_left_to_imread(Png{.before = chunk("gAMA", big_endian(100000))}.bytes());
  expect_left_to_imread(Png{.before = chunk("gAMA", "")}.bytes());
  expect_left_to_imread(Png{.after = chunk("sRGB", std::string(1, '\0'))}.bytes());
  expect_left_to_imread(Png{.between = chunk("tEXt", "x")}.bytes());
  expect_left_to_imread("P5 1 1 255\nx");
  expect_left_to_imread("");
  EXPECT_FALSE(read_plain_png("/nowhere/image.png"));
}

TEST_F(PngReaderTest, LeavesDamageToImread) {
  expect_left_to_imread(Png{.rows_end = "x"}.bytes());
  expect_left_to_imread(Png{.stream_end = "x"}.bytes());
  expect_left_to_imread(Png{.filter = 5}.bytes());
  expect_left_to_imread(Png{.width = 0}.bytes());
  expect_left_to_imread(Png{.height = 0}.bytes());
  const std::string good = Png{.width = 5, .height = 4}.bytes();
  ASSERT_TRUE(read_plain_png(write(good)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    SCOPED_TRACE(i);
    expect_left_to_imread(good.substr(0, i));
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    expect_left_to_imread(damaged);
  }
}

// It began like a PNG a moment before; memory ends where the file does.
TEST_F(PngReaderTest, LeavesAFileThatWasTruncatedMeanwhileToImread) {
  const std::string good = Png{.width = 5, .height = 4}.bytes();
  for (std::size_t size = 0; size <= good.size(); ++size) {
    SCOPED_TRACE(size);
    std::vector<std::uint8_t> bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(decode_plain_png(bytes).has_value(), size == good.size());
  }
}

TEST_F(PngReaderTest, DoesNotTakeAnotherFileForAPng) {
  std::string bytes = Png{.width = 5, .height = 4}.bytes();
  bytes[0] = 'x';  // it was replaced a moment after
  std::vector<std::uint8_t> file(bytes.begin(), bytes.end());
  EXPECT_FALSE(decode_plain_png(file));
}

TEST_F(PngReaderTest, IsNotLedAstrayByAHugeSize) {
  Png png{.width = 100000, .height = 100000};
  std::string bytes = "\x89PNG\r\n\x1a\n" + png.header() + chunk("IDAT", compressed("x"));
  expect_left_to_imread(bytes + chunk("IEND", ""));
}

TEST_F(PngReaderTest, GivesImreadsPixelsForThePicturesOfOpencvDoc) {
  std::size_t decoded = 0;
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           "/usr/share/doc/opencv-doc/examples", missing)) {
    if (const auto pixels =
            entry.path().extension() == ".png" ? read_plain_png(entry.path()) : std::nullopt) {
      SCOPED_TRACE(entry.path().string());
      expect_same(*pixels, cv::imread(entry.path(), cv::IMREAD_GRAYSCALE));
      ++decoded;
    }
  }
  if (decoded == 0) {
    GTEST_SKIP() << "opencv-doc is not installed";
  }
}

}  // namespace
}  // namespace bundle_match::features

// PNGs of every type and depth against cv::imread.
// SPDX-License-Identifier: Apache-2.0
#include "libpng_reader.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <png.h>
#include <random>
#include <string>
#include <vector>

namespace bundle_match::features {
namespace {

using test::read_file;
using test::TempDir;
using test::write_file;

struct PngKind {
  int type = PNG_COLOR_TYPE_GRAY;
  int depth = 8;
  int interlacing = PNG_INTERLACE_NONE;
  bool transparent = false;       ///< a tRNS chunk
  std::uint16_t orientation = 0;  ///< an eXIf chunk, unless 0
};

void add_chunks(png_structp png, png_infop info, const PngKind& kind) {
  if (kind.type == PNG_COLOR_TYPE_PALETTE) {
    std::array<png_color, 256> palette{};
    for (std::size_t i = 0; i < palette.size(); ++i) {
      palette[i] = {static_cast<png_byte>(i * 7), static_cast<png_byte>(255 - i),
                    static_cast<png_byte>(i * i)};
    }
    png_set_PLTE(png, info, palette.data(), 1 << kind.depth);
  }
  if (kind.transparent) {
    const std::array<png_byte, 2> alphas = {7, 200};
    png_color_16 colour{};
    colour.gray = colour.red = colour.green = colour.blue = 1;
    png_set_tRNS(png, info, alphas.data(), static_cast<int>(alphas.size()), &colour);
  }
  if (kind.orientation != 0) {
    std::string exif("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0", 26);
    exif[18] = static_cast<char>(kind.orientation);
    png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()),
                   reinterpret_cast<png_bytep>(exif.data()));
  }
}

// 61 x 47 random pixels.
void write_png(const std::string& path, const PngKind& kind) {
  constexpr std::size_t kWidth = 61, kHeight = 47;
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, kWidth, kHeight, kind.depth, kind.type, kind.interlacing,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  add_chunks(png, info, kind);
  png_write_info(png, info);
  std::mt19937 random(20261126);
  std::vector<std::vector<png_byte>> pixels(kHeight);
  std::vector<png_bytep> rows;
  for (std::vector<png_byte>& row : pixels) {
    row.resize(png_get_rowbytes(png, info));
    for (png_byte& byte : row) {
      byte = static_cast<png_byte>(random());
    }
    rows.push_back(row.data());
  }
  png_write_image(png, rows.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  (void)std::fclose(file);
}

std::vector<PngKind> all_kinds() {
  struct Type {
    int type;
    std::vector<int> depths;
  };
  const std::vector<Type> types = {{PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16}},
                                   {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8}},
                                   {PNG_COLOR_TYPE_RGB, {8, 16}},
                                   {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16}},
                                   {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16}}};
  std::vector<PngKind> kinds;
  for (const Type& type : types) {
    for (const int depth : type.depths) {
      for (const int interlacing : {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7}) {
        kinds.push_back({type.type, depth, interlacing});
        if ((type.type & PNG_COLOR_MASK_ALPHA) == 0) {
          kinds.push_back({type.type, depth, interlacing, true});
        }
      }
    }
  }
  return kinds;
}

class LibpngReaderTest : public testing::Test {
 protected:
  // False if it is left to imread; else the pixels must be the same.
  bool is_read_as_imread_does() {
    const auto ours = read_png_by_libpng(path_);
    if (!ours) {
      return false;
    }
    const cv::Mat theirs = cv::imread(path_, cv::IMREAD_GRAYSCALE);
    EXPECT_EQ(ours->size(), theirs.size());
    EXPECT_EQ(ours->type(), CV_8UC1);
    EXPECT_TRUE(ours->size() == theirs.size() && cv::norm(*ours, theirs, cv::NORM_INF) == 0);
    return true;
  }

  TempDir dir_;
  const std::string path_ = dir_ / "image.png";
};

TEST_F(LibpngReaderTest, ReadsEveryKindAsImreadDoes) {
  for (const PngKind& kind : all_kinds()) {
    SCOPED_TRACE(testing::Message() << "type " << kind.type << ", depth " << kind.depth << ", "
                                    << kind.interlacing << kind.transparent);
    write_png(path_, kind);
    EXPECT_TRUE(is_read_as_imread_does());
  }
}

TEST_F(LibpngReaderTest, TurnsAsExifSays) {
  for (std::uint16_t orientation = 1; orientation <= 9; ++orientation) {
    PngKind kind;
    kind.orientation = orientation;
    write_png(path_, kind);
    EXPECT_TRUE(is_read_as_imread_does()) << orientation;
  }
}

TEST_F(LibpngReaderTest, LeavesDamagedOnesToImreadOrReadsThemAsThatDoes) {
  std::mt19937 random(20261126);
  std::vector<std::string> files;
  for (const PngKind& kind : all_kinds()) {
    write_png(path_, kind);
    files.push_back(read_file(path_));
  }
  for (int i = 0; i < 400; ++i) {
    std::string bytes = files[random() % files.size()];
    if (i % 4 == 0) {
      bytes.resize(random() % bytes.size());
    } else {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    write_file(path_, bytes);
    (void)is_read_as_imread_does();
  }
}

TEST_F(LibpngReaderTest, LeavesOtherFiles) {
  EXPECT_FALSE(read_png_by_libpng(path_));
  write_file(path_, "no image at all");
  EXPECT_FALSE(read_png_by_libpng(path_));
}

}  // namespace
}  // namespace bundle_match::features

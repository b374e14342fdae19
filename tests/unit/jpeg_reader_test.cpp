// JPEGs against cv::imread: colours, sampling, orientations, damage, and what must be left to it.
// SPDX-License-Identifier: Apache-2.0
#include "jpeg_reader.hpp"

#include "support/raw_images.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>  // before jpeglib.h, which needs it
#include <cstdlib>
#include <jpeglib.h>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::features {
namespace {

using test::scene_view;
using test::TempDir;
using test::write_file;

cv::Mat colour_view() {
  cv::Mat colour;
  cv::applyColorMap(scene_view(0, 101, 67), colour, cv::COLORMAP_JET);
  return colour;
}

struct JpegKind {
  J_COLOR_SPACE colours = JCS_YCbCr;
  int across = 2, down = 2;  ///< samples of the first component for one of the others
};

// The colour view as OpenCV writes no JPEG.
std::string jpeg_of(const JpegKind& kind) {
  const cv::Mat bgr = colour_view();
  jpeg_compress_struct state{};
  jpeg_error_mgr errors{};
  state.err = jpeg_std_error(&errors);
  jpeg_create_compress(&state);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&state, &bytes, &size);
  state.image_width = static_cast<JDIMENSION>(bgr.cols);
  state.image_height = static_cast<JDIMENSION>(bgr.rows);
  const bool four = kind.colours == JCS_CMYK;
  state.input_components = four ? 4 : 3;
  state.in_color_space = four ? JCS_CMYK : JCS_EXT_BGR;
  jpeg_set_defaults(&state);
  jpeg_set_colorspace(&state, kind.colours);
  state.comp_info[0].h_samp_factor = kind.across;
  state.comp_info[0].v_samp_factor = kind.down;
  jpeg_start_compress(&state, TRUE);
  std::vector<unsigned char> row(static_cast<std::size_t>(bgr.cols) * 4);
  for (int y = 0; y < bgr.rows; ++y) {
    std::copy_n(bgr.ptr(y), bgr.cols * 3, row.begin());
    JSAMPROW start = row.data();
    (void)jpeg_write_scanlines(&state, &start, 1);
  }
  jpeg_finish_compress(&state);
  jpeg_destroy_compress(&state);
  std::string jpeg(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return jpeg;
}

std::string segment(unsigned char marker, const std::string& data) {
  const std::size_t size = data.size() + 2;
  return std::string{'\xff', static_cast<char>(marker), static_cast<char>(size >> 8),
                     static_cast<char>(size)} +
         data;
}

// The JPEG with these segments at its start.
std::string with(const std::string& segments, const std::string& jpeg) {
  return jpeg.substr(0, 2) + segments + jpeg.substr(2);
}

constexpr unsigned char kApp1 = 0xe1;

// EXIF data with one entry before the orientation: a text of that size and place.
std::string exif(bool little_endian, std::uint16_t orientation, std::uint32_t text_size = 4,
                 std::uint32_t text_at = 0) {
  const auto number = [&](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) {
      const int shift = 8 * (little_endian ? i : bytes - 1 - i);
      text += static_cast<char>(value >> shift);
    }
    return text;
  };
  const auto u16 = [&](std::uint64_t value) { return number(value, 2); };
  const auto u32 = [&](std::uint64_t value) { return number(value, 4); };
  return std::string("Exif\0\0", 6) + (little_endian ? "II" : "MM") + u16(42) + u32(8) + u16(2) +
         u16(0x010f) + u16(2) + u32(text_size) + u32(text_at) +  // make
         u16(0x0112) + u16(3) + u32(1) + u16(orientation) + u16(0) + u32(0);
}

class JpegReaderTest : public testing::Test {
 protected:
  std::string write(const std::string& bytes) {
    std::string path = dir_ / "image.jpg";
    write_file(path, bytes);
    return path;
  }

  // What is written to standard error meanwhile.
  template <class Read>
  static std::pair<cv::Mat, std::string> with_words(const Read& read) {
    testing::internal::CaptureStderr();
    cv::Mat pixels = read();
    return {pixels, testing::internal::GetCapturedStderr()};
  }

  // False if it is left to imread; else pixels and words must be the same.
  bool is_read_as_imread_does(const std::string& bytes) {
    const std::string path = write(bytes);
    bool read = false;
    const auto [ours, our_words] = with_words([&] {
      const auto pixels = read_jpeg(path);
      read = pixels.has_value();
      return pixels.value_or(cv::Mat());
    });
    if (!read) {
      EXPECT_EQ(our_words, "");
      return false;
    }
    const auto [theirs, their_words] =
        with_words([&] { return cv::imread(path, cv::IMREAD_GRAYSCALE); });
    EXPECT_EQ(ours.size(), theirs.size());
    EXPECT_EQ(ours.type(), CV_8UC1);
    EXPECT_TRUE(ours.size() == theirs.size() && cv::norm(ours, theirs, cv::NORM_INF) == 0);
    EXPECT_EQ(our_words, their_words);
    return true;
  }

  TempDir dir_;
};

TEST_F(JpegReaderTest, ReadsWhatOpenCVWrites) {
  for (const cv::Mat& image : {scene_view(0, 101, 67), colour_view()}) {
    for (const std::vector<int>& options : std::vector<std::vector<int>>{
             {cv::IMWRITE_JPEG_QUALITY, 100},
             {cv::IMWRITE_JPEG_QUALITY, 5},
             {cv::IMWRITE_JPEG_PROGRESSIVE, 1},
             {cv::IMWRITE_JPEG_OPTIMIZE, 1, cv::IMWRITE_JPEG_RST_INTERVAL, 3}}) {
      std::vector<unsigned char> bytes;
      ASSERT_TRUE(cv::imencode(".jpg", image, bytes, options));
      EXPECT_TRUE(is_read_as_imread_does({bytes.begin(), bytes.end()}));
    }
  }
}

TEST_F(JpegReaderTest, ReadsEverySamplingAndColourSpaceButFourColours) {
  for (const int across : {1, 2, 4}) {
    for (const int down : {1, 2}) {
      EXPECT_TRUE(is_read_as_imread_does(jpeg_of({JCS_YCbCr, across, down})));
    }
  }
  EXPECT_TRUE(is_read_as_imread_does(jpeg_of({JCS_RGB, 1, 1})));
  EXPECT_FALSE(is_read_as_imread_does(jpeg_of({JCS_CMYK, 1, 1})));
}

TEST_F(JpegReaderTest, TurnsAsExifSays) {
  const std::string jpeg = jpeg_of({});
  for (const bool little_endian : {false, true}) {
    for (std::uint16_t orientation = 0; orientation <= 9; ++orientation) {
      EXPECT_TRUE(
          is_read_as_imread_does(with(segment(kApp1, exif(little_endian, orientation)), jpeg)))
          << orientation;
    }
  }
}

TEST_F(JpegReaderTest, KnowsNoOrientationWithoutExif) {
  const std::string jpeg = jpeg_of({});
  const std::string xmp = segment(kApp1, std::string("http://ns.adobe.com/xap/1.0/\0<x/>", 33));
  EXPECT_TRUE(is_read_as_imread_does(with(xmp, jpeg)));
  EXPECT_TRUE(is_read_as_imread_does(with(segment(kApp1, exif(true, 6)) + xmp, jpeg)));
}

TEST_F(JpegReaderTest, LeavesOddExifToImread) {
  const std::string jpeg = jpeg_of({});
  const std::string good = exif(true, 6);
  EXPECT_FALSE(is_read_as_imread_does(with(segment(kApp1, exif(true, 6, 100, 8)), jpeg)));
  EXPECT_FALSE(is_read_as_imread_does(with(segment(kApp1, good) + segment(kApp1, good), jpeg)));
  EXPECT_FALSE(is_read_as_imread_does(with(segment(kApp1, "XMP") + segment(kApp1, good), jpeg)));
  std::string damaged = good;
  damaged[1] = '(';
  EXPECT_FALSE(is_read_as_imread_does(with(segment(kApp1, damaged), jpeg))) << "E(if";
  damaged[7] = 'G';
  EXPECT_FALSE(is_read_as_imread_does(with(segment(kApp1, damaged), jpeg))) << "E(if, IG";
  for (const std::size_t size : {7, 13, 15, 30}) {
    EXPECT_FALSE(is_read_as_imread_does(with(segment(kApp1, good.substr(0, size)), jpeg))) << size;
  }
}

// Of most of them libjpeg makes something, and complains.
TEST_F(JpegReaderTest, ReadsDamagedFilesAsImreadDoesOrLeavesThem) {
  std::mt19937 random(20261126);
  std::vector<std::string> files = {jpeg_of({}), jpeg_of({JCS_YCbCr, 1, 1})};
  std::vector<unsigned char> progressive;
  ASSERT_TRUE(cv::imencode(".jpg", colour_view(), progressive, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}));
  files.emplace_back(progressive.begin(), progressive.end());
  int read = 0, left = 0;
  for (int i = 0; i < 600; ++i) {
    std::string bytes = files[static_cast<std::size_t>(i) % files.size()];
    if (i % 2 == 0) {
      bytes.resize(random() % bytes.size());
    } else {
      for (auto changes = random() % 4 + 1; changes > 0; --changes) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    }
    (is_read_as_imread_does(bytes) ? read : left) += 1;
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(left, 10);
}

TEST_F(JpegReaderTest, LeavesOtherFiles) {
  EXPECT_FALSE(read_jpeg(dir_ / "missing.jpg"));
  EXPECT_FALSE(read_jpeg(dir_.path().string()));
  for (const char* const bytes : {"", "\xff\xd8", "\xff\xd8\xff", "no image at all"}) {
    EXPECT_FALSE(is_read_as_imread_does(bytes));
  }
}

}  // namespace
}  // namespace bundle_match::features

// Reading images and their headers, against cv::imread.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/image_reader.hpp"

#include "support/processes.hpp"
#include "support/raw_images.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <new>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace bundle_match::features {
namespace {

using test::read_file;
using test::scene_view;
using test::TempDir;
using test::write_file;
using test::write_image;

rlim_t data_bytes() {
  std::ifstream status("/proc/self/status");
  std::string key;
  while (status >> key && key != "VmData:") {
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  rlim_t kib = 0;
  status >> kib;
  return kib * 1024;
}

void limit_memory(rlim_t bytes) {
  rlimit limit{};
  ::getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = bytes;
  ::setrlimit(RLIMIT_DATA, &limit);
}

// This process may allocate no more than so much from now on. What was freed before does not count:
// it is taken, and never given back.
void limit_new_memory(rlim_t bytes) {
  const rlim_t has = data_bytes();
  limit_memory(has);
  for (std::size_t size = std::size_t{1} << 24; size >= 1024; size /= 2) {
    void* volatile taken = nullptr;
    do {
      taken = std::malloc(size);
    } while (taken != nullptr);
  }
  limit_memory(has + bytes);
}

class ImageReaderTest : public testing::Test {
 protected:
  // Pixel by pixel what cv::imread gives, and not empty.
  static void expect_as_imread(const std::string& path) {
    SCOPED_TRACE(path);
    const cv::Mat expected = cv::imread(path, cv::IMREAD_GRAYSCALE);
    ASSERT_FALSE(expected.empty()) << "OpenCV cannot read it";
    const GreyImage image = read_grey_image(path);
    EXPECT_EQ(image.status, ImageStatus::ok) << image.reason;
    ASSERT_EQ(image.pixels.size(), expected.size());
    ASSERT_EQ(image.pixels.type(), CV_8UC1);
    EXPECT_EQ(cv::norm(image.pixels, expected, cv::NORM_INF), 0);
  }

  static void expect_size(const std::string& path, std::uint64_t width, std::uint64_t height) {
    SCOPED_TRACE(path);
    const auto size = read_header(path).size;
    ASSERT_TRUE(size);
    EXPECT_EQ(size->width, width);
    EXPECT_EQ(size->height, height);
  }

  // Where a size is only worth something if it is the right one.
  static void expect_size_or_nothing(const std::string& path, std::uint64_t width,
                                     std::uint64_t height) {
    if (read_header(path).size) {
      expect_size(path, width, height);
    }
  }

  // The grey view as three channels that differ.
  static cv::Mat colour_view() {
    cv::Mat colour;
    cv::applyColorMap(scene_view(0, 101, 67), colour, cv::COLORMAP_JET);
    return colour;
  }

  [[nodiscard]] std::string write(const std::string& name, const cv::Mat& image) const {
    return write_image(dir_ / name, image);
  }

  TempDir dir_;
};

TEST_F(ImageReaderTest, ReadsAsImreadDoes) {
  const cv::Mat grey = scene_view(0, 101, 67);
  const cv::Mat colour = colour_view();
  cv::Mat alpha;
  cv::cvtColor(colour, alpha, cv::COLOR_BGR2BGRA);
  cv::Mat deep;
  grey.convertTo(deep, CV_16UC1, 257);
  for (const char* type : {".png", ".jpg", ".bmp", ".tif", ".webp", ".jp2"}) {
    expect_as_imread(write(std::string("grey") + type, grey));
    expect_as_imread(write(std::string("colour") + type, colour));
  }
  expect_as_imread(write("grey.pgm", grey));
  expect_as_imread(write("colour.ppm", colour));
  expect_as_imread(write("alpha.png", alpha));
  expect_as_imread(write("alpha.tif", alpha));
  expect_as_imread(write("deep.png", deep));
  expect_as_imread(write("deep.tif", deep));
}

TEST_F(ImageReaderTest, RotatesAsExifSaysAndTheHeaderDoesNot) {
  const std::string jpeg = read_file(write("plain.jpg", scene_view(0, 101, 67)));
  for (std::uint16_t orientation = 0; orientation <= 9; ++orientation) {
    const std::string path = dir_ / (std::to_string(orientation) + ".jpg");
    write_file(path, test::with_orientation(jpeg, orientation));
    expect_as_imread(path);
    expect_size(path, 101, 67);
    EXPECT_EQ(read_grey_image(path).pixels.cols, orientation >= 5 && orientation <= 8 ? 67 : 101);
  }
}

TEST_F(ImageReaderTest, ReadsOddBmps) {
  write_file(dir_ / "up.bmp", test::bmp(31, 17));
  write_file(dir_ / "down.bmp", test::bmp(31, -17));
  write_file(dir_ / "os2.bmp", test::os2_bmp(31, 17));
  for (const char* name : {"up.bmp", "down.bmp", "os2.bmp"}) {
    expect_as_imread(dir_ / name);
  }
}

TEST_F(ImageReaderTest, ReadsNamesOfAnyBytes) {
  for (const char* name : {"with space.png", "new\nline.png", "\xff\xfe.png", "-r.png", "%d.png"}) {
    expect_as_imread(write(name, scene_view(1, 64, 48)));
    expect_size(dir_ / name, 64, 48);
  }
}

TEST_F(ImageReaderTest, NamesWhatItCannotDecode) {
  write_file(dir_ / "text.png", "this is no image\n");
  write_file(dir_ / "header.png", test::png_without_pixels(100, 100));
  const std::string jpeg = read_file(write("a.jpg", scene_view(0)));
  write_file(dir_ / "stub.jpg", std::string_view(jpeg).substr(0, 100));
  for (const std::string& path : {dir_ / "text.png", dir_ / "stub.jpg", dir_ / "missing.png"}) {
    const GreyImage image = read_grey_image(path);
    EXPECT_EQ(image.status, ImageStatus::unreadable) << path;
    EXPECT_FALSE(image.reason.empty()) << path;
    EXPECT_TRUE(image.pixels.empty()) << path;
  }
}

TEST_F(ImageReaderTest, KnowsTheSizeFromTheHeader) {
  const cv::Mat grey = scene_view(0, 101, 67);
  const cv::Mat colour = colour_view();
  for (const char* type : {".png", ".jpg", ".bmp", ".tif"}) {
    expect_size(write(std::string("grey") + type, grey), 101, 67);
    expect_size(write(std::string("colour") + type, colour), 101, 67);
  }
}

TEST_F(ImageReaderTest, KnowsTheSizeOfEveryKindOfWebp) {
  cv::Mat alpha;
  cv::cvtColor(colour_view(), alpha, cv::COLOR_BGR2BGRA);
  alpha.at<cv::Vec4b>(3, 3)[3] = 0;
  const std::string lossy = dir_ / "lossy.webp";
  const std::string lossless = dir_ / "lossless.webp";
  ASSERT_TRUE(cv::imwrite(lossy, colour_view(), {cv::IMWRITE_WEBP_QUALITY, 80}));
  ASSERT_TRUE(cv::imwrite(lossless, colour_view(), {cv::IMWRITE_WEBP_QUALITY, 101}));
  expect_size(lossy, 101, 67);
  expect_size(lossless, 101, 67);
  expect_size(write("alpha.webp", alpha), 101, 67);
}

TEST_F(ImageReaderTest, NeedsNoPixelsForTheSize) {
  write_file(dir_ / "bomb.png", test::png_without_pixels(30000, 20000));
  expect_size(dir_ / "bomb.png", 30000, 20000);
  const std::string bmp_bytes = test::bmp(30, 20);
  write_file(dir_ / "stub.bmp", std::string_view(bmp_bytes).substr(0, 100));
  expect_size(dir_ / "stub.bmp", 30, 20);
}

// A wrong size would refuse a good image, or let a large one through.
TEST_F(ImageReaderTest, GivesNoWrongSizeForOddBmps) {
  write_file(dir_ / "down.bmp", test::bmp(31, -17));
  write_file(dir_ / "os2.bmp", test::os2_bmp(31, 17));
  expect_size_or_nothing(dir_ / "down.bmp", 31, 17);
  expect_size_or_nothing(dir_ / "os2.bmp", 31, 17);
}

TEST_F(ImageReaderTest, KnowsNoSizeOfOtherFiles) {
  write_file(dir_ / "text.png", "this is no image\n");
  write_file(dir_ / "empty.png", "");
  write_file(dir_ / "stub.png", test::png_without_pixels(5, 5).substr(0, 12));
  write_file(dir_ / "zero.png", test::png_without_pixels(0, 100));
  for (const char* name : {"text.png", "empty.png", "stub.png", "zero.png", "missing.png"}) {
    EXPECT_FALSE(read_header(dir_ / name).size) << name;
  }
}

TEST_F(ImageReaderTest, SaysWhyAPathIsNoFile) {
  struct Example {
    std::string path;
    const char* reason;
    bool not_found;
  };
  ASSERT_EQ(::mkfifo((dir_ / "fifo.png").c_str(), 0600), 0);
  write_file(dir_ / "empty.png", "");
  write_file(dir_ / "file.png", "x");
  std::filesystem::create_symlink("nothing", dir_ / "dangling.png");
  std::filesystem::create_symlink("file.png", dir_ / "link.png");
  const Example examples[] = {{dir_ / "missing.png", "No such file", true},
                              {dir_ / "dangling.png", "No such file", true},
                              {dir_ / "file.png/x", "Not a directory", true},
                              {dir_.path().string(), "directory", false},
                              {dir_ / "fifo.png", "FIFO", false},
                              {"/dev/null", "not a regular file", false},
                              {dir_ / "empty.png", "empty", false},
                              {"", "No such file", true},
                              {dir_ / std::string(300, 'x'), "too long", false}};
  for (const Example& example : examples) {
    SCOPED_TRACE(example.path);
    const auto why = why_not_a_file(example.path);
    ASSERT_TRUE(why);
    EXPECT_THAT(why->reason, testing::HasSubstr(example.reason));
    EXPECT_EQ(why->not_found, example.not_found);
  }
  EXPECT_FALSE(why_not_a_file(dir_ / "file.png"));
  EXPECT_FALSE(why_not_a_file(dir_ / "link.png"));
}

// What a decoder that runs out of memory makes of it differs: exceptions, words, or nothing at all.
// In children, with less and less memory beyond what they have.
TEST_F(ImageReaderTest, TellsALackOfMemoryFromADamagedFile) {
#ifdef BUNDLE_MATCH_SANITIZED
  GTEST_SKIP() << "a sanitizer ends the program instead";
#endif
  load_decoders();  // as a fork server does: GDAL ends the process if it cannot register its own
  enum Outcome { read, out_of_memory, unreadable };
  for (const char* const name : {"progressive.jpg", "image.webp", "image.jp2"}) {
    SCOPED_TRACE(name);
    // In a child, too: what an encoder has freed is memory that a decoder then need not ask for.
    ASSERT_EQ(test::exit_status_of([&] {
                const cv::Mat pixels = test::textured_image(1000, 800, 1);
                return cv::imwrite(dir_ / name, pixels, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}) ? 0 : 1;
              }),
              0);
    int lacking = 0;
    for (rlim_t bytes = rlim_t{32} << 20; bytes > rlim_t{1} << 17; bytes = bytes * 2 / 3) {
      const int outcome = test::exit_status_of([&] {
        limit_new_memory(bytes);
        try {
          return read_grey_image(dir_ / name).status == ImageStatus::ok ? read : unreadable;
        } catch (const std::bad_alloc&) {
          return out_of_memory;
        } catch (const cv::Exception& error) {
          return error.code == cv::Error::StsNoMem ? out_of_memory : unreadable;
        }
      });
      EXPECT_TRUE(outcome == read || outcome == out_of_memory) << bytes << " bytes: " << outcome;
      lacking += outcome == out_of_memory ? 1 : 0;
    }
    EXPECT_GT(lacking, 0) << "it never ran out";
  }
}

TEST_F(ImageReaderTest, SaysWhyASocketIsNoFile) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = dir_ / "s.png";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(why_not_a_file(path));
  ::close(fd);
}

}  // namespace
}  // namespace bundle_match::features

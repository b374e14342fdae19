// Both implementations of SIFT against cv::SIFT, and the bound on their memory against the memory
// that a limit allows.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift_extractor.hpp"

#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <malloc.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bundle_match::features {
namespace {

using test::scene_view;

constexpr SiftImplementation kBoth[] = {SiftImplementation::fast, SiftImplementation::opencv};

MatchOptions options_of(SiftImplementation sift, int nfeatures) {
  MatchOptions options;
  options.sift = sift;
  options.nfeatures = nfeatures;
  return options;
}

Features extract(SiftImplementation sift, const cv::Mat& grey, int nfeatures) {
  return SiftExtractor(options_of(sift, nfeatures)).extract(grey);
}

void expect_as_opencv(const cv::Mat& image, int nfeatures) {
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
  cv::SIFT::create(nfeatures)->detectAndCompute(image, cv::noArray(), keypoints, descriptors);
  for (const SiftImplementation sift : kBoth) {
    SCOPED_TRACE(testing::Message() << image.cols << " x " << image.rows << ", " << nfeatures
                                    << ", implementation " << static_cast<int>(sift));
    if (sift == SiftImplementation::fast && CV_VERSION_MINOR != 6) {
      continue;  // ours is 4.6's; the tests of SIFT itself say how near the others are
    }
    Features features = extract(sift, image, nfeatures);
    ASSERT_EQ(features.keypoints.size(), keypoints.size());
    for (std::size_t i = 0; i < keypoints.size(); ++i) {
      EXPECT_EQ(features.keypoints[i].x, keypoints[i].pt.x) << i;
      EXPECT_EQ(features.keypoints[i].y, keypoints[i].pt.y) << i;
      EXPECT_EQ(features.keypoints[i].size, keypoints[i].size) << i;
      EXPECT_EQ(features.keypoints[i].angle, keypoints[i].angle) << i;
      EXPECT_EQ(features.keypoints[i].response, keypoints[i].response) << i;
      EXPECT_EQ(features.keypoints[i].octave, keypoints[i].octave) << i;
    }
    ASSERT_EQ(features.descriptors.size(), keypoints.size() * kSiftDescriptorBytes);
    if (!keypoints.empty()) {
      cv::Mat as_float;
      cv::Mat(descriptors.rows, kSiftDescriptorBytes, CV_8UC1, features.descriptors.data())
          .convertTo(as_float, CV_32F);
      EXPECT_EQ(cv::norm(as_float, descriptors, cv::NORM_INF), 0) << "no rounding, no saturation";
    }
  }
}

TEST(SiftExtractor, GivesWhatOpencvGives) {
  expect_as_opencv(scene_view(0, 160, 120), 5000);
  expect_as_opencv(scene_view(1, 301, 97), 5000);
}

TEST(SiftExtractor, KeepsTheStrongest) {
  const cv::Mat image = scene_view(0, 200, 160);
  const std::size_t all = extract(SiftImplementation::fast, image, 0).keypoints.size();
  EXPECT_GT(all, 100U) << "the image is worth nothing for this test";
  expect_as_opencv(image, 0);
  expect_as_opencv(image, 50);
  expect_as_opencv(image, 1000000);
  EXPECT_LT(extract(SiftImplementation::fast, image, 50).keypoints.size(), 60U)
      << "50, and equals of the last";
}

TEST(SiftExtractor, TakesAViewIntoALargerImage) {
  const cv::Mat image = scene_view(0, 200, 160);
  expect_as_opencv(image(cv::Rect(31, 17, 120, 90)), 5000);
}

TEST(SiftExtractor, IsAFunctionOfThePixelsAlone) {
  const cv::Mat image = scene_view(2, 150, 130);
  for (const SiftImplementation sift : kBoth) {
    SiftExtractor extractor(options_of(sift, 500));
    const Features first = extractor.extract(image);
    (void)extractor.extract(scene_view(3, 90, 70));
    EXPECT_TRUE(extractor.extract(image) == first);
  }
}

TEST(SiftExtractor, FindsNothingInTinyAndConstantImages) {
  for (const cv::Size& size : {cv::Size(1, 1), cv::Size(2, 2), cv::Size(1, 100), cv::Size(100, 1),
                               cv::Size(5, 5), cv::Size(64, 64), cv::Size(300, 2)}) {
    for (const int value : {0, 128, 255}) {
      for (const SiftImplementation sift : kBoth) {
        const Features features = extract(sift, cv::Mat(size, CV_8UC1, cv::Scalar(value)), 5000);
        EXPECT_TRUE(features.keypoints.empty()) << size << " of " << value;
        EXPECT_TRUE(features.descriptors.empty()) << size << " of " << value;
      }
    }
  }
}

TEST(SiftExtractor, NamesWhatItUses) {
  EXPECT_EQ(SiftExtractor(MatchOptions{}).name(), sift_kernels().front());
  EXPECT_EQ(SiftExtractor(options_of(SiftImplementation::fast, 1)).name(), sift_kernels().front());
  EXPECT_EQ(SiftExtractor(options_of(SiftImplementation::opencv, 1)).name(), "opencv");
}

TEST(SiftExtractor, BeginsWithTheOctaveAskedFor) {
  MatchOptions options;
  options.first_octave = 0;
  for (const SiftKeypoint& keypoint : SiftExtractor(options).extract(scene_view(0)).keypoints) {
    EXPECT_GE(static_cast<std::int8_t>(keypoint.octave & 255), 0);
  }
  options.sift = SiftImplementation::opencv;
  EXPECT_THROW(SiftExtractor{options}, std::invalid_argument);
}

#ifndef BUNDLE_MATCH_SANITIZED  // keeps freed memory

// Private writable memory, which RLIMIT_DATA limits.
std::uint64_t data_bytes() {
  std::ifstream status("/proc/self/status");
  std::string key;
  std::uint64_t kib = 0;
  while (status >> key && key != "VmData:") {
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  status >> kib;
  return kib * 1024;
}

// Whether an image can be read and its features extracted in so much memory, by a process that
// keeps what it has freed, as compute processes do.
bool suffices(const std::string& path, const MatchOptions& options, std::uint64_t bytes) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::mallopt(M_MMAP_MAX, 0);
    ::mallopt(M_TRIM_THRESHOLD, -1);
    SiftExtractor extractor(options);
    const rlimit limit{data_bytes() + bytes, data_bytes() + bytes};
    ::setrlimit(RLIMIT_DATA, &limit);
    int status = 1;
    try {
      const GreyImage image = read_grey_image(path);
      (void)extractor.extract(image.pixels);
      status = image.status == ImageStatus::ok ? 0 : 1;
    } catch (const std::exception&) {
      status = 1;
    }
    ::_exit(status);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void expect_bound(const std::string& path, ImageSize size, int nfeatures) {
  for (const SiftImplementation sift : kBoth) {
    SCOPED_TRACE(testing::Message() << path << ", " << nfeatures << " features, implementation "
                                    << static_cast<int>(sift));
    const MatchOptions options = options_of(sift, nfeatures);
    const std::uint64_t bound = sift_memory_bytes(size, options);
    EXPECT_TRUE(suffices(path, options, bound));
    constexpr std::uint64_t kSlack = std::uint64_t{64} << 20;
    if (bound > kSlack) {
      EXPECT_FALSE(suffices(path, options, (bound - kSlack) / 3))
          << "images would be refused that fit";
    }
  }
}

TEST(SiftMemory, IsAnUpperBoundButNoWildOne) {
  test::keep_opencv_single_threaded();
  const test::TempDir dir;
  struct Example {
    int width;
    int height;
  };
  for (const Example& example :
       {Example{1, 1}, {64, 48}, {640, 480}, {1000, 30}, {20, 3000}, {1200, 900}, {2000, 1500}}) {
    const cv::Mat image = test::textured_image(example.width, example.height, 1);
    expect_bound(
        test::write_image(dir / "image.png", image),
        {static_cast<std::uint64_t>(example.width), static_cast<std::uint64_t>(example.height)},
        5000);
  }
}

// Squares of random grey, of 3 pixels: more features than noise has.
TEST(SiftMemory, IsAnUpperBoundForAllFeaturesOfSmallSquares) {
  test::keep_opencv_single_threaded();
  const test::TempDir dir;
  cv::Mat squares(300, 400, CV_8UC1);
  cv::RNG(7).fill(squares, cv::RNG::UNIFORM, 0, 256);
  cv::resize(squares, squares, cv::Size(), 3, 3, cv::INTER_NEAREST);
  const std::string path = test::write_image(dir / "squares.png", squares);
  for (const int nfeatures : {0, 5000}) {
    expect_bound(path, {1200, 900}, nfeatures);
  }
}

#endif

TEST(SiftMemory, NeverWrapsAround) {
  constexpr std::uint64_t kLargestSide = (std::uint64_t{1} << 31) - 1;  // of a PNG
  for (const SiftImplementation sift : kBoth) {
    for (const int nfeatures : {0, 5000}) {
      const MatchOptions options = options_of(sift, nfeatures);
      std::uint64_t before = 0;
      for (std::uint64_t width = 1; width <= kLargestSide; width *= 2) {
        const std::uint64_t bytes = sift_memory_bytes({width, std::uint64_t{1} << 28}, options);
        EXPECT_GE(bytes, before) << width;
        before = bytes;
      }
      EXPECT_GT(sift_memory_bytes({kLargestSide, kLargestSide}, options), std::uint64_t{1} << 60);
    }
  }
}

}  // namespace
}  // namespace bundle_match::features

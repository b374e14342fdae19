// SIFT against cv::SIFT, and the bound on its memory against what OpenCV allocates.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift_extractor.hpp"

#include "support/counting_allocator.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <opencv2/features2d.hpp>

namespace bundle_match::features {
namespace {

using test::scene_view;

void expect_as_opencv(const cv::Mat& image, int nfeatures) {
  SCOPED_TRACE(testing::Message() << image.cols << " x " << image.rows << ", " << nfeatures);
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
  cv::SIFT::create(nfeatures)->detectAndCompute(image, cv::noArray(), keypoints, descriptors);
  const Features features = extract_sift(image, nfeatures);
  ASSERT_EQ(features.keypoints.size(), keypoints.size());
  for (std::size_t i = 0; i < keypoints.size(); ++i) {
    EXPECT_EQ(features.keypoints[i].pt, keypoints[i].pt) << i;
    EXPECT_EQ(features.keypoints[i].size, keypoints[i].size) << i;
    EXPECT_EQ(features.keypoints[i].angle, keypoints[i].angle) << i;
  }
  ASSERT_EQ(features.descriptors.rows, descriptors.rows);
  if (descriptors.rows > 0) {
    ASSERT_EQ(features.descriptors.type(), CV_8UC1);
    ASSERT_EQ(features.descriptors.cols, 128);
    EXPECT_TRUE(features.descriptors.isContinuous());
    cv::Mat as_float;
    features.descriptors.convertTo(as_float, CV_32F);
    EXPECT_EQ(cv::norm(as_float, descriptors, cv::NORM_INF), 0) << "no rounding, no saturation";
  }
}

TEST(ExtractSift, GivesWhatOpencvGives) {
  expect_as_opencv(scene_view(0, 160, 120), 5000);
  expect_as_opencv(scene_view(1, 301, 97), 5000);
}

TEST(ExtractSift, KeepsTheStrongest) {
  const cv::Mat image = scene_view(0, 200, 160);
  const std::size_t all = extract_sift(image, 0).keypoints.size();
  EXPECT_GT(all, 100U) << "the image is worth nothing for this test";
  EXPECT_EQ(extract_sift(image, 1000000).keypoints.size(), all);
  expect_as_opencv(image, 0);
  expect_as_opencv(image, 50);
  EXPECT_LT(extract_sift(image, 50).keypoints.size(), 60U) << "50, and equals of the last";
}

TEST(ExtractSift, IsAFunctionOfThePixelsAlone) {
  const cv::Mat image = scene_view(2, 150, 130);
  const Features first = extract_sift(image, 500);
  (void)extract_sift(scene_view(3, 90, 70), 10);
  const Features second = extract_sift(image, 500);
  ASSERT_EQ(first.descriptors.size(), second.descriptors.size());
  EXPECT_EQ(cv::norm(first.descriptors, second.descriptors, cv::NORM_INF), 0);
}

TEST(ExtractSift, FindsNothingInTinyAndConstantImages) {
  for (const cv::Size& size : {cv::Size(1, 1), cv::Size(2, 2), cv::Size(1, 100), cv::Size(100, 1),
                               cv::Size(5, 5), cv::Size(64, 64), cv::Size(300, 2)}) {
    for (const int value : {0, 128, 255}) {
      const Features features = extract_sift(cv::Mat(size, CV_8UC1, cv::Scalar(value)), 5000);
      EXPECT_TRUE(features.keypoints.empty()) << size << " of " << value;
      EXPECT_EQ(features.descriptors.rows, 0) << size << " of " << value;
    }
  }
}

// What OpenCV's matrices take at their peak while an image is read and its features extracted.
std::uint64_t peak_bytes(const std::string& path, int nfeatures) {
  test::CountingAllocator counter;
  const GreyImage image = read_grey_image(path);
  EXPECT_EQ(image.status, ImageStatus::ok);
  const Features features = extract_sift(image.pixels, nfeatures);
  return counter.peak_bytes() + features.keypoints.capacity() * sizeof(cv::KeyPoint);
}

TEST(SiftMemory, IsAnUpperBoundButNoWildOne) {
  test::keep_opencv_single_threaded();
  const test::TempDir dir;
  struct Example {
    int width;
    int height;
  };
  for (const Example& example : {Example{1, 1}, {64, 48}, {640, 480}, {1000, 30}, {1200, 900}}) {
    SCOPED_TRACE(testing::Message() << example.width << " x " << example.height);
    const cv::Mat image = test::textured_image(example.width, example.height, 1);
    const std::uint64_t peak = peak_bytes(test::write_image(dir / "image.png", image), 5000);
    const ImageSize size{static_cast<std::uint64_t>(example.width),
                         static_cast<std::uint64_t>(example.height)};
    EXPECT_LE(peak, sift_memory_bytes(size));
    EXPECT_LE(sift_memory_bytes(size), (std::uint64_t{64} << 20) + 2 * peak)
        << "images would be refused that fit";
  }
}

// All features of noise are the most descriptors that an image can have.
TEST(SiftMemory, IsAnUpperBoundForAllFeaturesOfNoise) {
  test::keep_opencv_single_threaded();
  const test::TempDir dir;
  cv::Mat noise(700, 900, CV_8UC1);
  cv::RNG(7).fill(noise, cv::RNG::UNIFORM, 0, 256);
  const std::uint64_t peak = peak_bytes(test::write_image(dir / "noise.png", noise), 0);
  EXPECT_LE(peak, sift_memory_bytes({900, 700}));
}

TEST(SiftMemory, NeverWrapsAround) {
  constexpr std::uint64_t kLargestSide = (std::uint64_t{1} << 31) - 1;  // of a PNG
  std::uint64_t before = 0;
  for (std::uint64_t width = 1; width <= kLargestSide; width *= 2) {
    EXPECT_GE(sift_memory_bytes({width, std::uint64_t{1} << 28}), before) << width;
    before = sift_memory_bytes({width, std::uint64_t{1} << 28});
  }
  EXPECT_GT(sift_memory_bytes({kLargestSide, kLargestSide}), std::uint64_t{1} << 60);
}

}  // namespace
}  // namespace bundle_match::features

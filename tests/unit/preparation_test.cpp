// Shrinking and masks: sizes, positions, names, and what is left of the features.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/preparation.hpp"

#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <utility>

namespace bundle_match::features {
namespace {

using test::TempDir;
using test::textured_image;
using test::write_file;

cv::Mat grey(int width, int height) { return {height, width, CV_8UC1, cv::Scalar(7)}; }

// One feature a position; every descriptor has the position's number in all bytes.
Features features_at(const std::vector<std::pair<float, float>>& positions) {
  Features features;
  for (const auto& [x, y] : positions) {
    const auto number = static_cast<std::uint8_t>(features.keypoints.size());
    features.keypoints.push_back({x, y, 2, 30, 0.5F, 255});
    features.descriptors.insert(features.descriptors.end(), kSiftDescriptorBytes, number);
  }
  return features;
}

TEST(Shrink, MakesTheLongestSideThatLong) {
  EXPECT_EQ(shrink(grey(640, 480), 320).size(), cv::Size(320, 240));
  EXPECT_EQ(shrink(grey(480, 640), 320).size(), cv::Size(240, 320));
  EXPECT_EQ(shrink(grey(641, 480), 640).size(), cv::Size(640, 479));
  EXPECT_EQ(shrink(grey(1000, 1000), 1).size(), cv::Size(1, 1));
  EXPECT_EQ(shrink(grey(5000, 2), 50).size(), cv::Size(50, 1));
  EXPECT_EQ(shrink(grey(10000, 3000), 9999).size(), cv::Size(9999, 3000));
}

TEST(Shrink, LeavesOthersAlone) {
  const cv::Mat image = grey(64, 48);
  for (const int max_size : {0, -1, 64, 65, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(shrink(image, max_size).data, image.data) << max_size;
  }
  EXPECT_TRUE(shrink(cv::Mat(), 10).empty());
}

TEST(Shrink, AveragesAreas) {
  cv::Mat image = grey(4, 2);
  image.at<std::uint8_t>(0, 0) = 100;
  image.at<std::uint8_t>(1, 1) = 86;
  EXPECT_EQ(shrink(image, 2).at<std::uint8_t>(0, 0), 50);
  EXPECT_EQ(shrink(image, 2).at<std::uint8_t>(0, 1), 7);
}

TEST(ToOriginalSize, TakesPixelCentresToWhereTheyWere) {
  Features features = features_at({{0, 0}, {1.5F, 0.25F}});
  to_original_size(features, {32, 24}, {64, 72});
  EXPECT_FLOAT_EQ(features.keypoints[0].x, 0.5F);
  EXPECT_FLOAT_EQ(features.keypoints[0].y, 1);
  EXPECT_FLOAT_EQ(features.keypoints[1].x, 3.5F);
  EXPECT_FLOAT_EQ(features.keypoints[1].y, 1.75F);
  EXPECT_FLOAT_EQ(features.keypoints[0].size, 2 * std::sqrt(6.0F));
  EXPECT_EQ(features.keypoints[0].angle, 30);
  EXPECT_EQ(features.keypoints[0].octave, 255);
}

TEST(ToOriginalSize, ChangesNothingBetweenEqualOrEmptySizes) {
  const Features given = features_at({{1e-20F, 3}, {4, 5}});
  Features features = given;
  to_original_size(features, {32, 24}, {32, 24});
  to_original_size(features, {0, 24}, {32, 24});
  to_original_size(features, {32, 24}, {});
  EXPECT_EQ(features, given);
}

// A blob is found where it is in an image that was shrunk. Without doubling, as that shifts
// positions by a quarter of a pixel in cv::SIFT.
TEST(ToOriginalSize, FindsABlobInPlace) {
  cv::Mat image = grey(400, 300);
  cv::circle(image, {211, 123}, 24, cv::Scalar(250), -1);
  cv::GaussianBlur(image, image, {}, 4);
  SiftOptions options;
  options.first_octave = 0;
  Sift sift(options);
  const cv::Mat small = shrink(image, 200);
  Features features;
  sift.detect_and_compute({small.data, small.cols, small.rows, small.cols}, features);
  to_original_size(features, small.size(), image.size());
  ASSERT_FALSE(features.keypoints.empty());
  EXPECT_NEAR(features.keypoints[0].x, 211, 0.2);
  EXPECT_NEAR(features.keypoints[0].y, 123, 0.2);
}

class FindMask : public testing::Test {
 protected:
  [[nodiscard]] std::string make(const std::string& name) const {
    const std::filesystem::path path = dir_ / name;
    std::filesystem::create_directories(path.parent_path());
    write_file(path, "");
    return path;
  }

  [[nodiscard]] std::string found(const std::string& image) const {
    return find_mask(dir_ / "masks", image);
  }

  TempDir dir_;
};

TEST_F(FindMask, TakesTheLongestPath) {
  EXPECT_EQ(found("a/b/c.jpg"), "");
  const std::string shortest = make("masks/c.jpg.png");
  EXPECT_EQ(found("a/b/c.jpg"), shortest);
  const std::string middle = make("masks/b/c.jpg.png");
  EXPECT_EQ(found("a/b/c.jpg"), middle);
  const std::string longest = make("masks/a/b/c.jpg.png");
  EXPECT_EQ(found("a/b/c.jpg"), longest);
  EXPECT_EQ(found("b/c.jpg"), middle);
  EXPECT_EQ(found("c.jpg"), shortest);
  EXPECT_EQ(found("x/c.jpg"), shortest);
  EXPECT_EQ(found("c.png"), "");
  EXPECT_EQ(found("cc.jpg"), "");
}

TEST_F(FindMask, DropsWhatLeadsToTheImages) {
  const std::string mask = make("masks/b/c.jpg.png");
  const std::string outside = make("c.jpg.png");
  for (const char* path : {"/b/c.jpg", "//b/c.jpg", "./b/c.jpg", "../b/c.jpg", "../../b/c.jpg",
                           "./../b//c.jpg", "b/./c.jpg", "b/x/../c.jpg", "/../b/c.jpg"}) {
    EXPECT_EQ(found(path), mask) << path;
  }
  for (const char* path : {"../c.jpg", "x/../../c.jpg", "/../c.jpg", "", "/", "..", "b/", "b/.."}) {
    EXPECT_EQ(found(path), "") << path;
  }
  EXPECT_EQ(find_mask("", "c.jpg"), "");
  EXPECT_EQ(find_mask(dir_ / "nowhere", "c.jpg"), "");
}

TEST_F(FindMask, IsARegularFileOfAnyName) {
  const std::string odd = make("masks/with\nline \xff.jpg.png");
  EXPECT_EQ(found("a/with\nline \xff.jpg"), odd);
  std::filesystem::create_directories(dir_ / "masks/a/folder.jpg.png");
  EXPECT_EQ(found("a/folder.jpg"), "");
  const std::string behind = make("masks/folder.jpg.png");
  EXPECT_EQ(found("a/folder.jpg"), behind);
  EXPECT_EQ(found(std::string(5000, 'x')), "");
}

TEST(ApplyMask, KeepsWhatIsWhiteInOrder) {
  cv::Mat mask = grey(4, 3);
  mask.setTo(0);
  mask.at<std::uint8_t>(1, 2) = 1;
  mask.at<std::uint8_t>(2, 3) = 255;
  Features features = features_at({{3, 2}, {2, 2}, {1.5F, 0.5F}, {2.49F, 1.49F}, {2.5F, 1}});
  apply_mask(features, mask, {4, 3});
  ASSERT_EQ(features.keypoints.size(), 3U);
  ASSERT_EQ(features.descriptors.size(), 3U * kSiftDescriptorBytes);
  const Features given = features_at({{3, 2}, {2, 2}, {1.5F, 0.5F}, {2.49F, 1.49F}, {2.5F, 1}});
  std::size_t row = 0;
  for (const std::size_t kept : {0U, 2U, 3U}) {
    EXPECT_EQ(features.keypoints[row], given.keypoints[kept]);
    EXPECT_EQ(features.descriptors[row * kSiftDescriptorBytes], kept);
    EXPECT_EQ(features.descriptors[(row + 1) * kSiftDescriptorBytes - 1], kept);
    ++row;
  }
}

TEST(ApplyMask, RemovesWhatIsOutside) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  Features features = features_at({{-0.51F, 0},
                                   {0, -0.51F},
                                   {3.5F, 0},
                                   {0, 2.5F},
                                   {kNan, 0},
                                   {0, kNan},
                                   {kInf, 0},
                                   {0, -kInf},
                                   {1e30F, 1},
                                   {-0.5F, 2.49F}});
  apply_mask(features, grey(4, 3), {4, 3});
  ASSERT_EQ(features.keypoints.size(), 1U);
  EXPECT_EQ(features.descriptors[0], 9);
}

TEST(ApplyMask, RefusesOtherSizesAndTypes) {
  Features features = features_at({{1, 1}});
  EXPECT_THROW(apply_mask(features, grey(3, 4), {4, 3}), std::invalid_argument);
  EXPECT_THROW(apply_mask(features, cv::Mat(), {4, 3}), std::invalid_argument);
  EXPECT_THROW(apply_mask(features, cv::Mat(3, 4, CV_8UC3), {4, 3}), std::invalid_argument);
  EXPECT_EQ(features, features_at({{1, 1}}));
  Features none;
  apply_mask(none, grey(4, 3), {4, 3});
  EXPECT_EQ(none, Features{});
}

TEST(ApplyMask, DoesAsOpenCvDoes) {
  const cv::Mat image = textured_image(320, 240, 5);
  cv::Mat mask = textured_image(320, 240, 6);
  cv::threshold(mask, mask, 120, 255, cv::THRESH_BINARY);
  Sift sift{SiftOptions{}};
  Features features;
  sift.detect_and_compute({image.data, image.cols, image.rows, image.cols}, features);
  std::vector<cv::KeyPoint> expected;
  for (const SiftKeypoint& keypoint : features.keypoints) {
    expected.emplace_back(keypoint.x, keypoint.y, keypoint.size);
  }
  const std::size_t all = expected.size();
  cv::KeyPointsFilter::runByPixelsMask(expected, mask);
  apply_mask(features, mask, image.size());
  ASSERT_EQ(features.keypoints.size(), expected.size());
  EXPECT_GT(expected.size(), all / 10);
  EXPECT_LT(expected.size(), all - all / 10);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(features.keypoints[i].x, expected[i].pt.x);
    EXPECT_EQ(features.keypoints[i].y, expected[i].pt.y);
  }
}

}  // namespace
}  // namespace bundle_match::features

// SIFT against cv::SIFT on made pictures: equal keypoints, in equal order, with equal descriptors.
// SPDX-License-Identifier: Apache-2.0
#include "opencv_sift.hpp"
#include "pyramid_plan.hpp"
#include "scenes.hpp"
#include "stages.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

namespace bundle_match::features {
namespace {

/// These kernels against cv::SIFT; returns the number of keypoints compared.
std::size_t expect_equal(const cv::Mat& image, int nfeatures, const std::string& name,
                         const std::vector<std::string_view>& all_kernels = sift_kernels()) {
  const Features expected = run_opencv(nfeatures, image);
  for (const std::string_view kernels : all_kernels) {
    SiftOptions options;
    options.nfeatures = nfeatures;
    options.kernels = kernels;
    const Features actual = run_sift(options, as_view(image));
    EXPECT_EQ(difference_from_opencv(image, kernels, expected, actual), "")
        << kernels << " on " << name;
  }
  return expected.keypoints.size();
}

TEST(SiftLikeOpenCV, OnScenes) {
  std::size_t compared = 0;
  for (const Scene& scene : scenes()) {
    compared += expect_equal(as_mat(scene), 5000, scene.name);
  }
  EXPECT_GT(compared, 1000U);
}

TEST(SiftLikeOpenCV, InAllSizesUpToSeventeen) {
  const cv::Mat blob = as_mat(blobs(64, 64, 21));
  const cv::Mat rough = as_mat(noise(64, 64, 22));
  for (int height = 1; height <= 17; ++height) {
    for (int width = 1; width <= 17; ++width) {
      const std::string name = std::to_string(width) + "x" + std::to_string(height);
      expect_equal(blob(cv::Rect(height, width, width, height)), 5000, "blobs " + name);
      expect_equal(rough(cv::Rect(width, height, width, height)), 5000, "noise " + name);
    }
  }
}

TEST(SiftLikeOpenCV, WithFewFeaturesAndTies) {
  for (const Scene& scene :
       {blobs(320, 240, 23), checkerboard(256, 256, 16), checkerboard(300, 200, 25)}) {
    for (const int nfeatures : {0, 1, 2, 7, 100, 5000}) {
      // Which are kept does not depend on the kernels.
      expect_equal(as_mat(scene), nfeatures, scene.name + " " + std::to_string(nfeatures),
                   {sift_kernels().front()});
    }
  }
}

TEST(SiftLikeOpenCV, OnSixteenBitImagesConverted) {
  cv::Mat wide(200, 310, CV_16U);
  cv::randu(wide, 0, 65535);
  cv::GaussianBlur(wide, wide, cv::Size(), 2.5);
  cv::normalize(wide, wide, 0, 65535, cv::NORM_MINMAX);
  cv::Mat narrow;
  wide.convertTo(narrow, CV_8U, 1 / 257.0);
  EXPECT_GT(expect_equal(narrow, 5000, "16 bit"), 10U);
}

TEST(SiftFilters, AreOpenCVsToTheBit) {
  for (double sigma = 0.8; sigma < 12; sigma += 0.0137) {
    const std::vector<float> half = sift::half_gaussian(sigma);
    const int size = 2 * static_cast<int>(half.size()) - 1;
    ASSERT_EQ(size, cvRound(sigma * 8 + 1) | 1);
    const cv::Mat taps = cv::getGaussianKernel(size, sigma, CV_32F);
    for (std::size_t i = 0; i < half.size(); ++i) {
      ASSERT_EQ(half[i], taps.at<float>(size / 2 + static_cast<int>(i))) << sigma << ' ' << i;
    }
  }
}

TEST(DifferInRoundingsAlone, IsFalseOnceMoreDiffers) {
  const Features good = run_opencv(5000, as_mat(blobs(160, 120, 24)));
  ASSERT_GT(good.keypoints.size(), 5U);
  ASSERT_LT(good.keypoints.size(), 1000U);
  EXPECT_TRUE(differ_in_roundings_alone(good, good));
  Features bad = good;
  for (std::size_t i = 0; i < 4; ++i) {
    bad.keypoints[i].angle += 0.0001F;
    bad.descriptors[i * kSiftDescriptorBytes] ^= 1;
  }
  EXPECT_TRUE(differ_in_roundings_alone(good, bad));
  bad.descriptors[std::size_t{4} * kSiftDescriptorBytes] ^= 1;
  EXPECT_FALSE(differ_in_roundings_alone(good, bad)) << "one keypoint more";
  bad = good;
  bad.descriptors[7] ^= 2;
  EXPECT_FALSE(differ_in_roundings_alone(good, bad));
  bad = good;
  bad.keypoints[1].angle += 0.01F;
  EXPECT_FALSE(differ_in_roundings_alone(good, bad));
  bad = good;
  bad.keypoints[1].x += 0.001F;
  EXPECT_FALSE(differ_in_roundings_alone(good, bad));
  bad = good;
  bad.keypoints.pop_back();
  EXPECT_FALSE(differ_in_roundings_alone(good, bad));
}

TEST(FirstDifference, NamesTheStage) {
  if (this_opencv() == OpenCv::blurs_otherwise) {
    GTEST_SKIP() << "OpenCV " CV_VERSION " blurs otherwise";
  }
  const cv::Mat image = as_mat(blobs(160, 120, 24));
  const std::string_view kernels = sift_kernels().front();
  const Features good = run_opencv(5000, image);
  ASSERT_GT(good.keypoints.size(), 3U);
  const auto stage = [&](const Features& bad) {
    const std::string text = first_difference(image, kernels, good, bad);
    return text.substr(0, text.find(':'));
  };
  Features bad = good;
  bad.descriptors[130] ^= 1;
  EXPECT_EQ(stage(bad), "descriptor");
  bad = good;
  std::swap(bad.keypoints[0], bad.keypoints[1]);
  EXPECT_EQ(stage(bad), "order");
  bad = good;
  bad.keypoints[2].angle += 1;
  EXPECT_EQ(stage(bad), "orientation");
  bad = good;
  bad.keypoints.pop_back();
  EXPECT_EQ(stage(bad), "refinement");
  // Another picture's layers, as if the blurs were wrong.
  const std::string text = first_difference(as_mat(noise(160, 120, 25)), kernels, good, bad);
  EXPECT_EQ(text.substr(0, text.find(':')), "refinement");
}

}  // namespace
}  // namespace bundle_match::features

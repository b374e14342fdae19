// SIFT against cv::SIFT on the photographs of Debian's opencv-doc, where they are installed: as
// they are, and scaled, turned or cut. SPDX-License-Identifier: Apache-2.0
#include "opencv_sift.hpp"
#include "scenes.hpp"
#include "stages.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace bundle_match::features {
namespace {

std::vector<std::string> photographs() {
  std::vector<std::string> paths;
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           "/usr/share/doc/opencv-doc/examples", missing)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".jpg" || extension == ".png") {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

cv::Mat scaled(const cv::Mat& image, double factor) {
  cv::Mat result;
  cv::resize(image, result, cv::Size(), factor, factor,
             factor < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return result;
}

cv::Mat turned(const cv::Mat& image, double degrees) {
  cv::Mat result;
  const cv::Point2f centre(static_cast<float>(image.cols) / 2, static_cast<float>(image.rows) / 2);
  cv::warpAffine(image, result, cv::getRotationMatrix2D(centre, degrees, 1), image.size());
  return result;
}

/// The image, and one change to it, another for each index.
std::vector<cv::Mat> versions(const cv::Mat& image, std::size_t index) {
  const int width = image.cols, height = image.rows;
  switch (index % 6) {
    case 0:
      return {image, scaled(image, 0.37)};
    case 1:
      return {image, scaled(image, 1.3)};
    case 2:
      return {image, turned(image, 30)};
    case 3:
      return {image, image.t()};
    case 4:
      return {image, image(cv::Rect(0, height / 2, width, std::min(height / 2, 19)))};
    default:
      return {image, image(cv::Rect(width / 3, height / 5, width / 2, height / 2))};
  }
}

class Photograph : public testing::TestWithParam<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Photograph);

TEST_P(Photograph, GivesWhatOpenCVGives) {
  const cv::Mat image = cv::imread(GetParam(), cv::IMREAD_GRAYSCALE);
  if (image.empty()) {
    GTEST_SKIP() << "not readable";
  }
  const std::vector<std::string> all = photographs();
  const auto index =
      static_cast<std::size_t>(std::find(all.begin(), all.end(), GetParam()) - all.begin());
  for (const cv::Mat& version : versions(image, index)) {
    const Features expected = run_opencv(5000, version);
    for (const std::string_view kernels : sift_kernels()) {
      if (kernels == "plain" && version.total() > 100000) {
        continue;  // slow, and compared with the others elsewhere
      }
      SiftOptions options;
      options.kernels = kernels;
      options.threads = 1 + static_cast<int>(index % 2);
      const Features actual = run_sift(options, as_view(version));
      EXPECT_EQ(first_difference(version, kernels, expected, actual), "")
          << kernels << ' ' << version.cols << 'x' << version.rows;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OpenCVDoc, Photograph, testing::ValuesIn(photographs()),
                         [](const auto& parameter) {
                           std::string name =
                               std::to_string(parameter.index) + "_" +
                               std::filesystem::path(parameter.param).stem().string();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace bundle_match::features

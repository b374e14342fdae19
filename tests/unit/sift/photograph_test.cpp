// SIFT against cv::SIFT on the photographs of Debian's opencv-doc, where they are installed: as
// they are, and scaled, turned or cut. BUNDLE_MATCH_PHOTOGRAPHS names a folder of others, when this
// is run by hand.
// SPDX-License-Identifier: Apache-2.0
#include "opencv_sift.hpp"
#include "scenes.hpp"
#include "stages.hpp"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace bundle_match::features {
namespace {

std::vector<std::string> photographs() {
  const char* const mine = std::getenv("BUNDLE_MATCH_PHOTOGRAPHS");
  std::vector<std::string> paths;
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           mine != nullptr ? mine : "/usr/share/doc/opencv-doc/examples", missing)) {
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

/// Scales, rotations and crops of an image, very wide and very tall ones among them.
std::vector<cv::Mat> changes(const cv::Mat& image) {
  const int width = image.cols, height = image.rows;
  return {scaled(image, 0.37),
          scaled(image, 1.3),
          turned(image, 30),
          image.t(),
          image(cv::Rect(0, height / 2, width, std::min(height / 2, 19))),
          image(cv::Rect(width / 3, height / 5, width / 2, height / 2)),
          image(cv::Rect(width / 2, 0, std::min(width / 2, 23), height)),
          scaled(image, 0.71),
          scaled(image, 2),
          turned(image, 137.5),
          turned(image, -2)};
}

/// The image with one change, another for each index; every twentieth with all of them. Larger ones
/// than some megapixels would take most of the time and show nothing else.
std::vector<cv::Mat> versions(const cv::Mat& original, std::size_t index) {
  constexpr double kMostPixels = 2e6, kMostPixelsOfAll = 2e5;
  const bool all = index % 20 == 10;
  const double most = all ? kMostPixelsOfAll : kMostPixels;
  const auto pixels = static_cast<double>(original.total());
  const cv::Mat image = pixels > most ? scaled(original, std::sqrt(most / pixels)) : original;
  std::vector<cv::Mat> changed = changes(image);
  if (!all) {
    changed = {changed[index % changed.size()]};
  }
  changed.push_back(image);
  return changed;
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
      EXPECT_EQ(difference_from_opencv(version, kernels, expected, actual), "")
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

// Noise with blobs, and the plain OpenCV pipeline.
// SPDX-License-Identifier: Apache-2.0
#include "synthetic_images.hpp"

#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cstdint>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <vector>

namespace bundle_match::test {
namespace {

cv::Mat descriptors_of(const std::string& path, int nfeatures) {
  const cv::Mat image = cv::imread(path, cv::IMREAD_GRAYSCALE);
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
  cv::SIFT::create(nfeatures)->detectAndCompute(image, cv::noArray(), keypoints, descriptors);
  return descriptors;
}

}  // namespace

void keep_opencv_single_threaded() { cv::setNumThreads(0); }

cv::Mat textured_image(int width, int height, std::uint64_t seed) {
  cv::RNG random(seed);
  cv::Mat image(height, width, CV_8UC1, cv::Scalar(128));
  const int blobs = width * height / 150;
  for (int i = 0; i < blobs; ++i) {
    const cv::Point center(random.uniform(0, width), random.uniform(0, height));
    cv::circle(image, center, random.uniform(2, 8), cv::Scalar(random.uniform(0, 256)), cv::FILLED);
  }
  cv::GaussianBlur(image, image, cv::Size(3, 3), 0.8);
  return image;
}

cv::Mat scene_view(int number, int width, int height) {
  constexpr int kShift = 7;
  constexpr std::uint64_t kSceneSeed = 20110926;
  const cv::Mat scene = textured_image(480, 360, kSceneSeed);
  cv::Mat view = scene(cv::Rect(kShift * number, kShift * number, width, height)).clone();
  cv::Mat noise(view.size(), CV_8UC1);
  cv::RNG random(kSceneSeed + static_cast<std::uint64_t>(number) + 1);
  random.fill(noise, cv::RNG::UNIFORM, 0, 6);
  cv::add(view, noise, view);
  return view;
}

std::string write_image(const std::string& path, const cv::Mat& image) {
  const std::string unfinished = path + ".new" + std::filesystem::path(path).extension().string();
  if (!cv::imwrite(unfinished, image)) {
    throw std::runtime_error(path + " cannot be written");
  }
  std::filesystem::rename(unfinished, path);
  return path;
}

std::uint32_t opencv_matches(const std::string& reference, const std::string& image, int nfeatures,
                             CrossCheck check) {
  const cv::Mat query = descriptors_of(reference, nfeatures);
  const cv::Mat train = descriptors_of(image, nfeatures);
  std::vector<cv::DMatch> matches;
  if (check == CrossCheck::mutual) {
    cv::BFMatcher(cv::NORM_L2, true).match(query, train, matches);
    return static_cast<std::uint32_t>(matches.size());
  }
  // The reference's descriptors that are the nearest one of some descriptor of the image.
  cv::BFMatcher(cv::NORM_L2, false).match(train, query, matches);
  std::set<int> chosen;
  for (const cv::DMatch& match : matches) {
    chosen.insert(match.trainIdx);
  }
  return static_cast<std::uint32_t>(chosen.size());
}

}  // namespace bundle_match::test

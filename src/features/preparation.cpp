// Shrinks by cv::resize; finds masks by name and looks up their pixels.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/preparation.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace bundle_match::features {
namespace {

// `side` times to / from, rounded, at least 1.
int scaled_side(int side, int to, int from) {
  const std::int64_t product = std::int64_t{side} * to;
  return static_cast<int>(std::max<std::int64_t>((product + from / 2) / from, 1));
}

float scaled_position(float position, double scale) {
  return static_cast<float>((position + 0.5) * scale - 0.5);
}

bool is_white(const cv::Mat& mask, const SiftKeypoint& keypoint) {
  // cv::KeyPointsFilter rounds the same way, in floats.
  const float x = std::floor(keypoint.x + 0.5F);
  const float y = std::floor(keypoint.y + 0.5F);
  const auto width = static_cast<float>(mask.cols);
  const auto height = static_cast<float>(mask.rows);
  return x >= 0 && x < width && y >= 0 && y < height &&
         mask.at<std::uint8_t>(static_cast<int>(y), static_cast<int>(x)) != 0;
}

// "a/b/c.jpg" for "/a/b/c.jpg", "../a/./b/c.jpg" and "a/x/../b/c.jpg".
std::string below_any_folder(const std::string& path) {
  const std::string normal = std::filesystem::path(path).lexically_normal();
  std::string_view rest = normal;
  while (rest.starts_with('/') || rest.starts_with("../")) {
    rest.remove_prefix(rest.find('/') + 1);
  }
  return std::string(rest);
}

}  // namespace

cv::Mat shrink(const cv::Mat& grey, int max_size) {
  const int longest = std::max(grey.cols, grey.rows);
  if (max_size <= 0 || longest <= max_size) {
    return grey;
  }
  cv::Mat shrunk;
  cv::resize(grey, shrunk,
             {scaled_side(grey.cols, max_size, longest), scaled_side(grey.rows, max_size, longest)},
             0, 0, cv::INTER_AREA);
  return shrunk;
}

void to_original_size(Features& features, cv::Size shrunk, cv::Size original) {
  if (shrunk == original || shrunk.empty() || original.empty()) {
    return;
  }
  const double scale_x = static_cast<double>(original.width) / shrunk.width;
  const double scale_y = static_cast<double>(original.height) / shrunk.height;
  // They differ by the rounding of the shorter side alone.
  const double scale = std::sqrt(scale_x * scale_y);
  for (SiftKeypoint& keypoint : features.keypoints) {
    keypoint.x = scaled_position(keypoint.x, scale_x);
    keypoint.y = scaled_position(keypoint.y, scale_y);
    keypoint.size = static_cast<float>(keypoint.size * scale);
  }
}

std::string find_mask(const std::string& mask_dir, const std::string& image_path) {
  const std::string below = below_any_folder(image_path);
  if (mask_dir.empty() || below.empty() || below.ends_with('/')) {
    return {};
  }
  for (std::size_t start = 0;;) {
    const std::filesystem::path mask =
        std::filesystem::path(mask_dir) / (below.substr(start) + ".png");
    std::error_code error;
    if (std::filesystem::is_regular_file(mask, error)) {
      return mask;
    }
    start = below.find('/', start);
    if (start == std::string::npos) {
      return {};
    }
    ++start;
  }
}

void apply_mask(Features& features, const cv::Mat& mask, cv::Size original) {
  if (mask.type() != CV_8UC1 || mask.size() != original) {
    throw std::invalid_argument("the mask's size is not the image's");
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < features.keypoints.size(); ++i) {
    if (is_white(mask, features.keypoints[i])) {
      features.keypoints[kept] = features.keypoints[i];
      std::copy_n(
          features.descriptors.begin() + static_cast<std::ptrdiff_t>(i * kSiftDescriptorBytes),
          kSiftDescriptorBytes,
          features.descriptors.begin() + static_cast<std::ptrdiff_t>(kept * kSiftDescriptorBytes));
      ++kept;
    }
  }
  features.keypoints.resize(kept);
  features.descriptors.resize(kept * kSiftDescriptorBytes);
}

}  // namespace bundle_match::features

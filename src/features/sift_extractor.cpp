// SIFT by OpenCV.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift_extractor.hpp"

#include <opencv2/features2d.hpp>

#include <algorithm>
#include <limits>

namespace bundle_match::features {

Features extract_sift(const cv::Mat& grey, int nfeatures) {
  Features features;
  cv::Mat descriptors;  // float, but integers from 0 to 255
  cv::SIFT::create(nfeatures)->detectAndCompute(grey, cv::noArray(), features.keypoints,
                                                descriptors);
  descriptors.convertTo(features.descriptors, CV_8U);
  return features;
}

std::uint64_t sift_memory_bytes(ImageSize size) {
  // cv::SIFT doubles the image, so octave 0 has 4 float pixels, 16 bytes, per pixel; all octaves
  // together 4/3 of that. 6 Gaussian and 5 difference levels: 11 * 16 * 4/3 = 235 bytes per pixel.
  // The rest is the grey image, temporaries of the blurs and what the decoder needs.
  constexpr std::uint64_t kBytesPerPixel = 256;
  constexpr std::uint64_t kFixedBytes = std::uint64_t{32} << 20;
  constexpr std::uint64_t kMostPixels =
      (std::numeric_limits<std::uint64_t>::max() - kFixedBytes) / kBytesPerPixel;
  return kFixedBytes + std::min(size.pixels(), kMostPixels) * kBytesPerPixel;
}

}  // namespace bundle_match::features

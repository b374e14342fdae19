// Grey image -> keypoints and 8-bit SIFT descriptors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/image_reader.hpp"

#include <opencv2/core/mat.hpp>
#include <opencv2/core/types.hpp>

#include <cstdint>
#include <vector>

namespace bundle_match::features {

/// Keypoints and their descriptors: descriptors.rows == keypoints.size(), 128 columns, CV_8UC1,
/// continuous.
struct Features {
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
};

/// SIFT (Lowe 2004) with the parameters of cv::SIFT::create(nfeatures); 0 keeps all features.
/// A pure function of the pixels. Throws cv::Exception (StsNoMem) or std::bad_alloc if memory
/// does not suffice.
[[nodiscard]] Features extract_sift(const cv::Mat& grey, int nfeatures);

/// Upper bound in bytes of what reading an image of that size and extract_sift allocate.
[[nodiscard]] std::uint64_t sift_memory_bytes(ImageSize size);

}  // namespace bundle_match::features

// Shrinks images before SIFT; afterwards maps features to the original size and applies masks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/sift.hpp"

#include <opencv2/core/mat.hpp>

#include <string>

namespace bundle_match::features {

/// Shrinks a grey image (CV_8UC1) so that its longest side is `max_size` pixels (cv::INTER_AREA);
/// the other one is rounded, and at least 1. Returns the image itself if it is no longer than that,
/// or max_size is not positive.
[[nodiscard]] cv::Mat shrink(const cv::Mat& grey, int max_size);

/// Takes positions and sizes of keypoints from the shrunk image to the original one (pixel centres
/// at integers, as OpenCV has them: x' = (x + 0.5) * original / shrunk - 0.5). Does nothing if the
/// sizes are equal or one is empty.
void to_original_size(Features& features, cv::Size shrunk, cv::Size original);

/// The mask of an image: the first regular file among MASK_DIR/a/b/c.jpg.png,
/// MASK_DIR/b/c.jpg.png, MASK_DIR/c.jpg.png for the path a/b/c.jpg (leading "/", "./" and "../" are
/// dropped; "x/.." within is resolved by name, so that no mask outside of MASK_DIR is meant); empty
/// if there is none.
[[nodiscard]] std::string find_mask(const std::string& mask_dir, const std::string& image_path);

/// Removes the features whose rounded position is black (0) in the mask or outside of it, as COLMAP
/// does after extraction, and as cv::SIFT does; of the rest, order and bytes stay. `mask`: CV_8UC1
/// of the size of the original image (as read, so rotated as EXIF says). Throws
/// std::invalid_argument if its size or type is another.
void apply_mask(Features& features, const cv::Mat& mask, cv::Size original);

}  // namespace bundle_match::features

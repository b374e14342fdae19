// Draws thumbnails of grey images, and pictures of the matches of two images. Knows nothing of
// files, features or matching.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"

#include <opencv2/core/mat.hpp>
#include <opencv2/core/types.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace bundle_match::drawing {

// All are functions of their arguments alone, and throw cv::Exception (StsNoMem) or std::bad_alloc
// if memory does not suffice.

inline constexpr std::size_t kMostThumbnailBytes = std::size_t{32} << 10;
inline constexpr int kMostPictureWidth_px = 1600;
inline constexpr int kMostPictureHeight_px = 1200;

/// A JPEG of the image (CV_8UC1, not empty), at most kMostThumbnailBytes, its longest side at most
/// `longest_px` (1 to 512): images are shrunk, not enlarged.
[[nodiscard]] std::string thumbnail(const cv::Mat& grey, int longest_px);

/// One half of a picture.
struct Panel {
  cv::Mat pixels;     ///< CV_8UC1
  cv::Size original;  ///< of the image
};

/// The image (CV_8UC1, not empty), shrunk to what a half of a picture holds.
[[nodiscard]] Panel make_panel(const cv::Mat& grey);

/// Positions in the original images, in pixels (centres at integers).
struct DrawnMatch {
  cv::Point2f reference;
  cv::Point2f image;
  bool inlier = false;
};

/// Reference and image side by side (CV_8UC3, BGR, within kMostPicture...), their matches as lines
/// with dots at the ends: others in blue, thin and below, inliers in orange. Of each kind at most
/// about a hundred lines are drawn, taken evenly from all; every match has its dots.
[[nodiscard]] cv::Mat draw_matches(const Panel& reference, const Panel& image,
                                   std::span<const DrawnMatch> matches);

/// The picture (CV_8UC3) as a file's bytes.
[[nodiscard]] std::string encode(const cv::Mat& picture, PictureFormat format);

}  // namespace bundle_match::drawing

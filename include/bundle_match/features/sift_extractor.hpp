// Grey image -> keypoints and 8-bit SIFT descriptors, by our SIFT or by OpenCV's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/features/sift.hpp"

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace bundle_match::features {

/// SIFT (Lowe 2004) with the parameters of cv::SIFT::create(options.nfeatures). Keeps its memory
/// from one image to the next, but the features are a function of the pixels alone. Not to be used
/// by two threads at once.
class SiftExtractor {
 public:
  /// Throws std::invalid_argument if the options' implementation cannot do what they ask for.
  explicit SiftExtractor(const MatchOptions& options);

  /// `grey` is CV_8UC1. Throws cv::Exception (StsNoMem) or std::bad_alloc if memory does not
  /// suffice; the next image is not affected.
  [[nodiscard]] Features extract(const cv::Mat& grey);

  /// Threads that join those of the options, for ours; see Sift::set_helpers. Any thread may call
  /// it at any time.
  void set_helpers(SiftHelpers helpers);

  /// "opencv", or the name of our kernels, as of their instruction set.
  [[nodiscard]] std::string_view name() const;

 private:
  std::int32_t nfeatures_;
  std::optional<Sift> sift_;  // ours, if it is to be used
};

/// What each thread of SIFT takes at most for itself: rows and patches.
inline constexpr std::uint64_t kSiftBytesOfAThread = std::uint64_t{8} << 20;

/// Upper bound in bytes of what reading an image of that size and extracting its features allocate,
/// helpers excluded.
[[nodiscard]] std::uint64_t sift_memory_bytes(ImageSize size, const MatchOptions& options);

}  // namespace bundle_match::features

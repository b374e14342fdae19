// Runs our SIFT or OpenCV's, and estimates the memory that they take.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift_extractor.hpp"

#include <opencv2/features2d.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bundle_match::features {
namespace {

Features extract_with_opencv(const cv::Mat& grey, int nfeatures) {
  // OpenCV's defaults, but for bytes instead of floats that hold the same integers.
  const auto sift = cv::SIFT::create(nfeatures, 3, 0.04, 10, 1.6, CV_8U);
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
  sift->detectAndCompute(grey, cv::noArray(), keypoints, descriptors);
  Features features;
  features.keypoints.reserve(keypoints.size());
  for (const cv::KeyPoint& keypoint : keypoints) {
    features.keypoints.push_back({keypoint.pt.x, keypoint.pt.y, keypoint.size, keypoint.angle,
                                  keypoint.response, keypoint.octave});
  }
  if (!descriptors.empty()) {
    features.descriptors.assign(descriptors.datastart, descriptors.dataend);
  }
  return features;
}

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

/// fixed + min(bounded_per_pixel * pixels, bound) + per_pixel * pixels, in bytes.
struct MemoryModel {
  std::uint64_t fixed;
  std::uint64_t bounded_per_pixel;
  std::uint64_t bound;
  std::uint64_t per_pixel;

  /// The largest number there is if the sum is beyond it.
  [[nodiscard]] std::uint64_t bytes(std::uint64_t pixels) const {
    const std::uint64_t most =
        (std::numeric_limits<std::uint64_t>::max() - fixed - bound) / per_pixel;
    pixels = std::min(pixels, most);
    const std::uint64_t bounded =
        pixels < bound ? std::min(bounded_per_pixel * pixels, bound) : bound;
    return fixed + bounded + per_pixel * pixels;
  }
};

// OpenCV doubles the image, so octave 0 has 4 float pixels, 16 bytes, per pixel; all octaves
// together 4/3 of that. 6 Gaussian and 5 difference levels: 11 * 16 * 4/3 = 235 bytes per pixel.
// The rest is the grey image, temporaries of the blurs and what the decoder needs.
constexpr MemoryModel kOpencv{32 * kMiB, 0, 0, 256};

// Ours keeps a float plane per octave but the first, 4 * 4/3 = 5.3 bytes per pixel, and for
// descriptors 3 layers of octaves that take no more than 24 MiB: 3 * 16 * 4/3 = 64 bytes per pixel,
// or 24 * 4/3 = 32 MiB. A keypoint before the selection takes 112 bytes; squares of 3 pixels, the
// worst seen, give one in 19 pixels: 6 bytes per pixel. With the grey image that is 13 bytes; a
// decoder may take more, before: that of JPEG 2000 takes 20.
constexpr MemoryModel kOurs{32 * kMiB, 64, 32 * kMiB, 24};

// If all keypoints are kept, each takes 300 bytes.
constexpr MemoryModel kOursForAll{32 * kMiB, 64, 32 * kMiB, 48};

const MemoryModel& memory_model(const MatchOptions& options) {
  if (options.sift == SiftImplementation::opencv) {
    return kOpencv;
  }
  return options.nfeatures == 0 ? kOursForAll : kOurs;
}

}  // namespace

SiftExtractor::SiftExtractor(const MatchOptions& options) : nfeatures_(options.nfeatures) {
  if (options.sift != SiftImplementation::opencv) {
    SiftOptions ours;
    ours.nfeatures = options.nfeatures;
    ours.first_octave = options.first_octave;
    ours.threads = options.threads;
    sift_.emplace(ours);
  } else if (options.first_octave != -1) {
    throw std::invalid_argument("OpenCV's SIFT always begins with the image doubled");
  }
}

Features SiftExtractor::extract(const cv::Mat& grey) {
  if (!sift_) {
    return extract_with_opencv(grey, nfeatures_);
  }
  Features features;
  sift_->detect_and_compute(
      {grey.data, grey.cols, grey.rows, static_cast<std::ptrdiff_t>(grey.step[0])}, features);
  return features;
}

void SiftExtractor::set_helpers(SiftHelpers helpers) {
  if (sift_) {
    sift_->set_helpers(std::move(helpers));
  }
}

std::string_view SiftExtractor::name() const { return sift_ ? sift_->kernels() : "opencv"; }

std::uint64_t sift_memory_bytes(ImageSize size, const MatchOptions& options) {
  return memory_model(options).bytes(size.pixels()) +
         static_cast<std::uint64_t>(options.threads - 1) * kSiftBytesOfAThread;
}

}  // namespace bundle_match::features

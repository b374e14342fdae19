// From an image's path to its features: cache, header, decoder, mask, SIFT; not of processes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/features/feature_codec.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/features/sift_extractor.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bundle_match::compute {

/// Memory ran out in the middle of an image.
class OutOfMemory : public std::runtime_error {
 public:
  OutOfMemory() : std::runtime_error("out of memory") {}
};

/// Describes images with the options of one job. Bad images are statuses; throws OutOfMemory alone.
class ImageDescriber {
 public:
  /// `options.memory_limit_bytes` is what one image may allocate; 0 for no limit.
  explicit ImageDescriber(const MatchOptions& options);

  /// The features, or a status in the report. The report is told size, number of keypoints, times,
  /// and the entry of the cache: that was found, or that is to be made. `pixels` gets the image if
  /// it had to be read.
  [[nodiscard]] features::DescribedImage describe(const ImageOrder& order, ImageReport& report,
                                                  cv::Mat* pixels = nullptr);

  /// The image's pixels (CV_8UC1), or nothing and a status in the report, which is told the size.
  [[nodiscard]] cv::Mat read(const std::string& path, ImageReport& report) const;

  /// Whose SIFT is used; see SiftExtractor::name.
  [[nodiscard]] std::string_view sift_name() const { return extractor_.name(); }

 private:
  features::DescribedImage describe_unguarded(const ImageOrder& order, ImageReport& report,
                                              cv::Mat* pixels);
  features::DescribedImage describe_through_cache(const std::string& path,
                                                  const std::string& mask_path, ImageReport& report,
                                                  cv::Mat* pixels);
  [[nodiscard]] std::string mask_of(const ImageOrder& order) const;
  std::optional<features::DescribedImage> find_in_cache(const std::string& path,
                                                        const std::string& mask,
                                                        ImageReport& report) const;
  features::DescribedImage describe_file(const std::string& path, const std::string& mask,
                                         ImageReport& report, cv::Mat* kept);
  features::Features extract(const cv::Mat& image, const cv::Mat& mask, ImageReport& report);
  bool refuse_if_too_large(features::ImageSize size, ImageReport& report) const;

  MatchOptions options_;
  features::SiftExtractor extractor_;  // kept: its memory is reused
};

/// Does the work on an image; what it throws becomes a status in the report or, if memory ran out,
/// OutOfMemory.
void guard(ImageReport& report, const std::function<void()>& work);

/// The status of an image that needs more memory than it may have. The reason does not name the
/// limit, which may differ between runs: csv is the same for any number of ranks.
void report_too_large(ImageReport& report, std::uint64_t needed_bytes, std::uint64_t limit_bytes);

}  // namespace bundle_match::compute

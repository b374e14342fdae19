// From an image's path to its features: cache, header, decoder, mask, SIFT; not of processes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/features/feature_codec.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/features/sift_extractor.hpp"

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bundle_match::compute {

/// Memory ran out in the middle of an image.
class OutOfMemory : public std::runtime_error {
 public:
  OutOfMemory() : std::runtime_error("out of memory") {}
};

/// An image needs decoders that are not loaded.
class DecodersNeeded : public std::runtime_error {
 public:
  DecodersNeeded() : std::runtime_error("needs decoders that are not loaded") {}
};

/// The path that the order's image is opened by.
[[nodiscard]] inline const std::string& image_path(const ComputeOrder& order) {
  return order.received ? order.received->image : order.path;
}

/// What is known of an image that was described.
struct DescribedFile {
  features::DescribedImage image;
  cv::Mat pixels;  ///< CV_8UC1; empty if the features were found in the cache
  std::variant<std::monostate, CacheHit, CacheEntry> cache;  ///< an entry has no features yet
};

/// Describes images with the options of one job. Bad images are statuses; throws OutOfMemory and
/// DecodersNeeded alone.
class ImageDescriber {
 public:
  /// `options.memory_limit_bytes` is what one image may allocate; 0 for no limit.
  explicit ImageDescriber(const MatchOptions& options);

  /// The features of the order's image, or a status in the result, which is told size, number of
  /// keypoints and times.
  [[nodiscard]] DescribedFile describe(const ComputeOrder& order, OrderResult& result);

  /// The image's pixels (CV_8UC1), or nothing and a status in the result, which is told the size.
  [[nodiscard]] cv::Mat read(const std::string& path, const features::ImageHeader& header,
                             OrderResult& result) const;

  /// See SiftExtractor::set_helpers.
  void set_helpers(features::SiftHelpers helpers) { extractor_.set_helpers(std::move(helpers)); }

  /// Whose SIFT is used; see SiftExtractor::name.
  [[nodiscard]] std::string_view sift_name() const { return extractor_.name(); }

 private:
  DescribedFile describe_unguarded(const ComputeOrder& order, OrderResult& result);
  void describe_through_cache(const std::string& path, const std::string& mask_path,
                              OrderResult& result, DescribedFile& described);
  [[nodiscard]] std::string mask_of(const ComputeOrder& order) const;
  [[nodiscard]] bool find_in_cache(const std::string& path, const std::string& mask,
                                   OrderResult& result, DescribedFile& described) const;
  void describe_file(const std::string& path, const std::string& mask, OrderResult& result,
                     DescribedFile& described);
  features::Features extract(const cv::Mat& image, const cv::Mat& mask, OrderResult& result);
  bool refuse_if_too_large(features::ImageSize size, OrderResult& result) const;

  MatchOptions options_;
  features::SiftExtractor extractor_;  // kept: its memory is reused
};

/// Does the work on an image; what it throws becomes a status in the result or, if memory ran out,
/// OutOfMemory. Lets DecodersNeeded through.
void guard(OrderResult& result, const std::function<void()>& work);

/// Says in the result that there is no such file to read, if there is none.
[[nodiscard]] bool is_missing(const std::string& path, OrderResult& result);

/// The status of an image that needs more memory than it may have. The reason does not name the
/// limit, which may differ between runs: csv is the same for any number of ranks.
void report_too_large(OrderResult& result, std::uint64_t needed_bytes, std::uint64_t limit_bytes);

}  // namespace bundle_match::compute

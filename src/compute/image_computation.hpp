// One image's whole computation: read, SIFT, match. Knows nothing of processes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/features/sift_extractor.hpp"
#include "bundle_match/matching/kernel.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bundle_match::compute {

/// Memory ran out in the middle of an image.
class OutOfMemory : public std::runtime_error {
 public:
  OutOfMemory() : std::runtime_error("out of memory") {}
};

/// Computes images of one job. Bad images are statuses; throws OutOfMemory alone.
class ImageComputation {
 public:
  /// `job.options.memory_limit_bytes` is what one computation may allocate; 0 for no limit.
  ImageComputation(const Job& job, const matching::Kernel& kernel);

  [[nodiscard]] ImageReport match(const ImageOrder& order);

  /// The image's descriptors instead of its matches.
  [[nodiscard]] ReferenceReport describe(const ImageOrder& order);

  /// Whose SIFT is used; see SiftExtractor::name.
  [[nodiscard]] std::string_view sift_name() const { return extractor_.name(); }

 private:
  features::Features extract(const std::string& path, ImageReport& report);
  features::Features extract_unguarded(const std::string& path, ImageReport& report);
  bool refuse_if_too_large(features::ImageSize size, ImageReport& report) const;

  MatchOptions options_;
  features::SiftExtractor extractor_;  // kept: its memory is reused
  std::unique_ptr<matching::Matcher> matcher_;
  matching::NearestNeighbours nearest_;  // kept: its memory is reused
};

/// The status of an image that needs more memory than it may have. The reason does not name the
/// limit, which may differ between runs: csv is the same for any number of ranks.
void report_too_large(ImageReport& report, std::uint64_t needed_bytes, std::uint64_t limit_bytes);

}  // namespace bundle_match::compute

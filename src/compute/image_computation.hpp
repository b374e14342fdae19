// One order's whole computation: describe the image, match it, draw it. Knows nothing of processes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "image_describer.hpp"
#include "matched_points.hpp"
#include "pair_matcher.hpp"
#include "picture_maker.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace bundle_match::compute {

/// Computes orders of one job. Bad images are statuses; throws OutOfMemory alone, and what `Hooks`
/// throw.
class ImageComputation {
 public:
  struct Hooks {
    /// The image was read, or not: the decoder may have said something.
    std::function<void(const ImageOrder&, ImageReport&)> described;
    /// One more reference was matched.
    std::function<void()> matched;
  };

  ImageComputation(const Job& job, const matching::Kernel& kernel, features::FeatureSet references,
                   Hooks hooks);

  /// What images are matched with from now on.
  void use_references(features::FeatureSet references) {
    pictures_.forget_reference();
    matcher_.use_references(std::move(references));
  }

  [[nodiscard]] ImageReport compute(const ImageOrder& order);

  [[nodiscard]] std::string_view sift_name() const { return describer_.sift_name(); }

 private:
  features::DescribedImage describe(const ImageOrder& order, ImageReport& report);
  void match(const ImageOrder& order, const features::DescribedView& image, ImageReport& report);

  void add_drawable(const features::DescribedView& image, ImageReport& report);

  bool report_features_;
  bool report_pictures_;
  bool by_inliers_;
  Hooks hooks_;
  ImageDescriber describer_;
  PairMatcher matcher_;
  PictureMaker pictures_;
  BestCounts best_counts_;
};

}  // namespace bundle_match::compute

// One order's whole computation: describe the image, match it, draw it. Knows nothing of processes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "image_describer.hpp"
#include "matched_points.hpp"
#include "pair_matcher.hpp"
#include "picture_maker.hpp"
#include "stopwatch.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bundle_match::compute {

/// Computes orders of one job. Bad images are statuses; throws OutOfMemory and DecodersNeeded
/// alone, and what `Hooks` throw.
class ImageComputation {
 public:
  struct Hooks {
    /// The image was read by that path, or not: the decoder may have said something.
    std::function<void(const std::string&, OrderResult&)> read;
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

  /// Where the features of images are from now on that orders name by their places.
  void use_store(features::MappedFeatures store) { store_ = std::move(store); }

  [[nodiscard]] ComputeResult compute(const ComputeOrder& order);

  /// Describes the image of an order to match whose references are not there yet, and keeps that
  /// until compute() is given the order. The order's result if that fails.
  [[nodiscard]] std::optional<ComputeResult> prepare(const ComputeOrder& order);

  /// See SiftExtractor::set_helpers.
  void set_helpers(features::SiftHelpers helpers) { describer_.set_helpers(std::move(helpers)); }

  [[nodiscard]] std::string_view sift_name() const { return describer_.sift_name(); }

 private:
  // What matching needs of an image, and its answer takes.
  struct PreparedImage {
    ComputeResult so_far;  // status, size, times; for the cache
    features::DescribedImage image;
    std::string encoded_features;  // if they are reported
    std::string thumbnail;
    Stopwatch since_described;
  };

  void compute(const ComputeOrder& order, const DescribeWork& work, ComputeResult& result);
  void compute(const ComputeOrder& order, const MatchWork& work, ComputeResult& result);
  void compute(const ComputeOrder& order, const MatchDescribedWork& work, ComputeResult& result);
  void compute(const ComputeOrder& order, const DrawWork& work, ComputeResult& result);
  void compute(const ComputeOrder& order, const ThumbnailWork& work, ComputeResult& result);

  [[nodiscard]] PreparedImage describe_to_match(const ComputeOrder& order);
  DescribedFile describe(const ComputeOrder& order, OrderResult& result);
  /// `at`: the features of the reference at a position of the list.
  using ReferenceAt = std::function<features::MappedImage(std::size_t)>;

  [[nodiscard]] ReferenceAt in_set(const ReferenceList& references) const;
  [[nodiscard]] MatchAnswer match(const features::DescribedView& image,
                                  const ReferenceList& references, const ReferenceAt& at,
                                  OrderResult& result);
  [[nodiscard]] std::optional<DrawablePair> drawable(const features::DescribedView& image,
                                                     const ReferenceList& references,
                                                     const ReferenceAt& at,
                                                     const std::vector<PairOutcome>& outcomes);

  bool report_features_;
  bool report_pictures_;
  bool by_inliers_;
  Hooks hooks_;
  ImageDescriber describer_;
  PairMatcher matcher_;
  features::MappedFeatures store_;
  PictureMaker pictures_;
  BestCounts best_counts_;
  std::unordered_map<OrderId, PreparedImage> prepared_;
};

}  // namespace bundle_match::compute

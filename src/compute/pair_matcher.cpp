// Which side is packed, what counts as a match, and what agrees on one geometry.
// SPDX-License-Identifier: Apache-2.0
#include "pair_matcher.hpp"

#include "bundle_match/geometry/verification.hpp"

#include <algorithm>
#include <utility>
#include <xxhash.h>

namespace bundle_match::compute {
namespace {

matching::DescriptorView descriptors(const features::DescribedView& image) {
  return {image.descriptors, image.keypoints.size()};
}

// Of the image's content, so that it is the same wherever and whenever it is computed.
std::uint64_t seed_of(const features::DescribedView& image) {
  return XXH3_64bits(image.descriptors, image.keypoints.size() * features::kSiftDescriptorBytes);
}

}  // namespace

PairMatcher::PairMatcher(const MatchOptions& options, const matching::Kernel& kernel,
                         features::FeatureSet references)
    : options_(options), kernel_(kernel) {
  use_references(std::move(references));
}

void PairMatcher::use_references(features::FeatureSet references) {
  matcher_.reset();  // it may look into the old ones
  references_ = std::move(references);
  only_ = {};
  if (references_.size() == 1) {
    only_ = references_[ReferenceIndex()];
    matcher_ = kernel_.make_matcher(descriptors(only_.view));
  }
}

std::vector<PairOutcome> PairMatcher::match(
    const features::DescribedView& image, std::size_t references,
    const std::function<features::MappedImage(std::size_t)>& at,
    const std::function<void()>& after_each) {
  const bool one_reference = references_.size() == 1;
  if (!one_reference) {
    // Thousands of references stay as they are, shared by all processes of the node.
    matcher_ = kernel_.make_matcher(descriptors(image));
  }
  const std::uint64_t seed = seed_of(image);
  std::vector<PairOutcome> outcomes;
  outcomes.reserve(references);
  for (std::size_t i = 0; i < references; ++i) {
    const features::MappedImage reference = at(i);
    matcher_->match(descriptors(one_reference ? image : reference.view), nearest_);
    if (!one_reference) {
      std::swap(nearest_.of_query, nearest_.of_train);  // the reference is the query
    }
    outcomes.push_back(outcome(image, reference.view, seed, options_.report_matches));
    after_each();
  }
  return outcomes;
}

PairOutcome PairMatcher::match_pair(const features::DescribedView& image,
                                    const features::DescribedView& reference) {
  kernel_.make_matcher(descriptors(reference))->match(descriptors(image), nearest_);
  return outcome(image, reference, seed_of(image), true);
}

PairOutcome PairMatcher::outcome(const features::DescribedView& image,
                                 const features::DescribedView& reference, std::uint64_t seed,
                                 bool with_rows) const {
  const matching::MatchFilter filter{options_.max_ratio, options_.max_distance};
  const std::vector<matching::Match> matches = options_.cross_check == CrossCheck::mutual
                                                   ? matching::mutual_matches(nearest_, filter)
                                                   : matching::one_way_matches(nearest_, filter);
  PairOutcome outcome;
  outcome.matches = static_cast<std::uint32_t>(matches.size());
  if (with_rows) {
    outcome.matched.reserve(matches.size());
    for (const matching::Match& match : matches) {
      outcome.matched.push_back({match.query, match.train});
    }
  }
  if (options_.verification != Verification::none) {
    verify(image, reference, matches, seed, with_rows, outcome);
  }
  return outcome;
}

void PairMatcher::verify(const features::DescribedView& image,
                         const features::DescribedView& reference,
                         const std::vector<matching::Match>& matches, std::uint64_t seed,
                         bool with_rows, PairOutcome& outcome) const {
  std::vector<geometry::PointPair> points;
  points.reserve(matches.size());
  for (const matching::Match& match : matches) {
    const features::SiftKeypoint& a = reference.keypoints[match.query];
    const features::SiftKeypoint& b = image.keypoints[match.train];
    points.push_back({a.x, a.y, b.x, b.y});
  }
  geometry::Verified verified =
      geometry::verify(points, {options_.verification, options_.max_error_px, seed});
  outcome.inliers = static_cast<std::uint32_t>(verified.inliers.size());
  if (outcome.inliers >= std::max(options_.min_inliers, 1U)) {
    outcome.model.assign(verified.model.begin(), verified.model.end());
  }
  if (with_rows) {
    outcome.inlier_positions = std::move(verified.inliers);
  }
}

}  // namespace bundle_match::compute

// An image's features against those of the references: nearest neighbours, filters, geometry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/features/feature_set.hpp"
#include "bundle_match/matching/kernel.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace bundle_match::compute {

class PairMatcher {
 public:
  PairMatcher(const MatchOptions& options, const matching::Kernel& kernel,
              features::FeatureSet references);

  void use_references(features::FeatureSet references);
  [[nodiscard]] const features::FeatureSet& references() const { return references_; }

  /// One outcome for each of so many references, whose features `at` gives; `after_each` is called
  /// after each. The result is a function of features and options alone.
  [[nodiscard]] std::vector<PairOutcome> match(
      const features::DescribedView& image, std::size_t references,
      const std::function<features::MappedImage(std::size_t)>& at,
      const std::function<void()>& after_each);

  /// The same for any two images, with the rows that match.
  [[nodiscard]] PairOutcome match_pair(const features::DescribedView& image,
                                       const features::DescribedView& reference);

 private:
  [[nodiscard]] PairOutcome outcome(const features::DescribedView& image,
                                    const features::DescribedView& reference, std::uint64_t seed,
                                    bool with_rows) const;
  void verify(const features::DescribedView& image, const features::DescribedView& reference,
              const std::vector<matching::Match>& matches, std::uint64_t seed, bool with_rows,
              PairOutcome& outcome) const;

  MatchOptions options_;
  const matching::Kernel& kernel_;
  features::FeatureSet references_;
  features::MappedImage only_;                  // reference, if there is but one
  std::unique_ptr<matching::Matcher> matcher_;  // of the image, or of the only reference
  matching::NearestNeighbours nearest_;         // kept: its memory is reused
};

}  // namespace bundle_match::compute

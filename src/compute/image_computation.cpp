// What an order asks for, in turn.
// SPDX-License-Identifier: Apache-2.0
#include "image_computation.hpp"

#include "stopwatch.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace bundle_match::compute {

ImageComputation::ImageComputation(const Job& job, const matching::Kernel& kernel,
                                   features::FeatureSet references, Hooks hooks)
    : report_features_(job.options.report_features),
      report_pictures_(job.options.report_pictures),
      by_inliers_(job.options.verification != Verification::none),
      hooks_(std::move(hooks)),
      describer_(job.options),
      matcher_(job.options, kernel, std::move(references)),
      pictures_(describer_, matcher_) {}

ImageReport ImageComputation::compute(const ImageOrder& order) {
  try {
    ImageReport report;
    report.image = order.image;
    report.first_reference = order.references.first;
    if (order.action == ImageOrder::Action::draw || order.action == ImageOrder::Action::thumbnail) {
      pictures_.make(order, report);
      hooks_.described(order, report);
      return report;
    }
    if (order.described != kNoReference) {
      match(order, matcher_.references()[order.described], report);
      return report;
    }
    const features::DescribedImage image = describe(order, report);
    if (report.status == ImageStatus::ok && order.action == ImageOrder::Action::match) {
      match(order, features::view(image), report);
    }
    return report;
  } catch (const std::bad_alloc&) {
    throw OutOfMemory();
  }
}

features::DescribedImage ImageComputation::describe(const ImageOrder& order, ImageReport& report) {
  features::DescribedImage image = describer_.describe(order, report);
  hooks_.described(order, report);
  if (report.status != ImageStatus::ok) {
    report.cache_key.clear();
    return image;
  }
  image.reason = report.reason;
  const bool for_cache = !report.cache_key.empty() && !report.cache_hit;
  if (for_cache || report_features_ || order.action == ImageOrder::Action::describe) {
    report.features = features::encode_features(image);
  }
  return image;
}

void ImageComputation::match(const ImageOrder& order, const features::DescribedView& image,
                             ImageReport& report) {
  const Stopwatch watch;
  report.keypoints = static_cast<std::uint32_t>(image.keypoints.size());
  report.outcomes = matcher_.match(image, order.references, hooks_.matched);
  report.elapsed_ms.match = watch.milliseconds();
  if (report_pictures_ && !report.outcomes.empty()) {
    add_drawable(image, report);
  }
}

// Now, while its features are here: else the picture would take SIFT again.
void ImageComputation::add_drawable(const features::DescribedView& image, ImageReport& report) {
  const auto count = [this](const PairOutcome& outcome) {
    return by_inliers_ ? outcome.inliers : outcome.matches;
  };
  const auto best = std::max_element(
      report.outcomes.begin(), report.outcomes.end(),
      [&](const PairOutcome& a, const PairOutcome& b) { return count(a) < count(b); });
  if (!best_counts_.take(count(*best))) {
    return;
  }
  const auto position = static_cast<ReferenceIndex>(best - report.outcomes.begin());
  const ReferenceIndex number = report.first_reference + position;
  const features::DescribedView reference = matcher_.references()[number];
  report.drawable = {number,
                     matched_points(matcher_.match_pair(image, reference), reference, image)};
}

}  // namespace bundle_match::compute

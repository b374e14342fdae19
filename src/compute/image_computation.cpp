// What an order asks for, in turn.
// SPDX-License-Identifier: Apache-2.0
#include "image_computation.hpp"

#include "bundle_match/drawing/drawing.hpp"

#include <algorithm>
#include <new>
#include <utility>
#include <variant>

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

ComputeResult ImageComputation::compute(const ComputeOrder& order) {
  ComputeResult result;
  result.result.order = order.id;
  try {
    std::visit([&](const auto& work) { compute(order, work, result); }, order.work);
  } catch (const std::bad_alloc&) {
    throw OutOfMemory();
  }
  if (result.result.status != ImageStatus::ok) {
    result.result.answer = std::monostate();
    result.cache = std::monostate();
  }
  return result;
}

std::optional<ComputeResult> ImageComputation::prepare(const ComputeOrder& order) {
  try {
    PreparedImage prepared = describe_to_match(order);
    if (prepared.so_far.result.status != ImageStatus::ok) {
      prepared.so_far.cache = std::monostate();
      return std::move(prepared.so_far);
    }
    prepared_.insert_or_assign(order.id, std::move(prepared));
  } catch (const std::bad_alloc&) {
    throw OutOfMemory();
  }
  return std::nullopt;
}

void ImageComputation::compute(const ComputeOrder& order, const DescribeWork& /*work*/,
                               ComputeResult& result) {
  DescribedFile described = describe(order, result.result);
  if (result.result.status != ImageStatus::ok) {
    return;
  }
  result.result.answer = DescribeAnswer{features::encode_features(described.image)};
  result.cache = std::move(described.cache);
}

void ImageComputation::compute(const ComputeOrder& order, const MatchWork& work,
                               ComputeResult& result) {
  auto kept = prepared_.extract(order.id);
  PreparedImage prepared = kept.empty() ? describe_to_match(order) : std::move(kept.mapped());
  result = std::move(prepared.so_far);
  result.result.waited_ms = kept.empty() ? 0 : prepared.since_described.milliseconds();
  if (result.result.status != ImageStatus::ok) {
    return;
  }
  MatchAnswer answer = match(features::view(prepared.image), work.references,
                             in_set(work.references), result.result);
  answer.features = std::move(prepared.encoded_features);
  answer.thumbnail = std::move(prepared.thumbnail);
  result.result.answer = std::move(answer);
}

ImageComputation::PreparedImage ImageComputation::describe_to_match(const ComputeOrder& order) {
  PreparedImage prepared;
  OrderResult& result = prepared.so_far.result;
  result.order = order.id;
  DescribedFile described = describe(order, result);
  if (result.status != ImageStatus::ok) {
    return prepared;
  }
  auto* const entry = std::get_if<CacheEntry>(&described.cache);
  std::string encoded =
      entry != nullptr || report_features_ ? features::encode_features(described.image) : "";
  if (entry != nullptr && !report_features_) {
    entry->features = std::exchange(encoded, {});
  }
  if (report_pictures_ && !described.pixels.empty()) {
    guard(result,
          [&] { prepared.thumbnail = drawing::thumbnail(described.pixels, kThumbnail_px); });
  }
  prepared.encoded_features = std::move(encoded);
  prepared.image = std::move(described.image);
  prepared.so_far.cache = std::move(described.cache);
  prepared.since_described = Stopwatch();
  return prepared;
}

void ImageComputation::compute(const ComputeOrder& order, const MatchDescribedWork& work,
                               ComputeResult& result) {
  const bool in_store = !order.stored.empty();
  const features::MappedImage described =
      in_store ? store_[order.stored.front()] : matcher_.references()[work.described];
  const ReferenceAt in_store_at = [&](std::size_t position) {
    return store_[order.stored.at(1 + position)];
  };
  result.result.answer = match(described.view, work.references,
                               in_store ? in_store_at : in_set(work.references), result.result);
}

void ImageComputation::compute(const ComputeOrder& order, const DrawWork& work,
                               ComputeResult& result) {
  result.result.answer = pictures_.draw(order, work, result.result);
  hooks_.read(image_path(order), result.result);
}

void ImageComputation::compute(const ComputeOrder& order, const ThumbnailWork& /*work*/,
                               ComputeResult& result) {
  result.result.answer = pictures_.thumbnail(order, result.result);
  hooks_.read(image_path(order), result.result);
}

DescribedFile ImageComputation::describe(const ComputeOrder& order, OrderResult& result) {
  DescribedFile described = describer_.describe(order, result);
  hooks_.read(image_path(order), result);
  described.image.reason = result.reason;
  return described;
}

// The list must outlive what is returned.
ImageComputation::ReferenceAt ImageComputation::in_set(const ReferenceList& references) const {
  return [this, &references](std::size_t position) {
    return matcher_.references()[references.at(position)];
  };
}

MatchAnswer ImageComputation::match(const features::DescribedView& image,
                                    const ReferenceList& references, const ReferenceAt& at,
                                    OrderResult& result) {
  const Stopwatch watch;
  result.keypoints = static_cast<std::uint32_t>(image.keypoints.size());
  MatchAnswer answer;
  answer.outcomes = matcher_.match(image, references.size(), at, hooks_.matched);
  result.elapsed_ms.match = watch.milliseconds();
  if (report_pictures_ && !answer.outcomes.empty()) {
    answer.drawable = drawable(image, references, at, answer.outcomes);
  }
  return answer;
}

// Now, while the image's features are here: else the picture would take SIFT again.
std::optional<DrawablePair> ImageComputation::drawable(const features::DescribedView& image,
                                                       const ReferenceList& references,
                                                       const ReferenceAt& at,
                                                       const std::vector<PairOutcome>& outcomes) {
  const auto count = [this](const PairOutcome& outcome) {
    return by_inliers_ ? outcome.inliers : outcome.matches;
  };
  const auto best = std::max_element(
      outcomes.begin(), outcomes.end(),
      [&](const PairOutcome& a, const PairOutcome& b) { return count(a) < count(b); });
  if (!best_counts_.take(count(*best))) {
    return std::nullopt;
  }
  const auto position = static_cast<std::size_t>(best - outcomes.begin());
  const features::MappedImage mapped = at(position);
  const features::DescribedView& reference = mapped.view;
  return DrawablePair{references.at(position),
                      matched_points(matcher_.match_pair(image, reference), reference, image)};
}

}  // namespace bundle_match::compute

// Converts between tasks, images and pairs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/work_plan.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace bundle_match {
namespace {

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  return a > 0 && b > kMost / a ? kMost : a * b;
}

}  // namespace

WorkPlan WorkPlan::among(std::shared_ptr<const PairSet> pairs) {
  WorkPlan plan(pairs->images(), static_cast<std::uint32_t>(pairs->images()));
  Among among{std::move(pairs), {}};
  among.first_tasks.reserve(plan.images_ + 1);
  std::uint64_t first = 0;
  for (const ImageIndex image : plan.image_ids()) {
    among.first_tasks.push_back(first);
    const std::uint64_t partners = among.pairs->first_of(image + 1) - among.pairs->first_of(image);
    first += (partners + kPairsOfATask - 1) / kPairsOfATask;
  }
  among.first_tasks.push_back(first);
  plan.among_ = std::make_shared<const Among>(std::move(among));
  return plan;
}

std::uint64_t WorkPlan::pairs() const {
  return among_ ? among_->pairs->size() : product(images_, references_);
}

std::uint64_t WorkPlan::pair(ImageIndex image, ReferenceIndex reference) const {
  const auto pair = find_pair(image, reference);
  if (!pair) {
    throw std::out_of_range("a pair that is not in the run");
  }
  return *pair;
}

std::uint64_t WorkPlan::task_count() const { return among_ ? among_->first_tasks.back() : images_; }

Task WorkPlan::task(TaskId id) const {
  if (!among_) {
    return {ImageIndex(id.value()), {ReferenceIndex(), references_}};
  }
  const ImageIndex image = image_of(id);
  return {image, among_->pairs->references_of(image).part(pairs_before(id, image), kPairsOfATask)};
}

ImageIndex WorkPlan::image_of(TaskId id) const {
  if (!among_) {
    return ImageIndex(id.value());
  }
  const auto& first_tasks = among_->first_tasks;
  const auto after = std::upper_bound(first_tasks.begin(), first_tasks.end(), id.value());
  return ImageIndex(static_cast<std::uint64_t>(after - first_tasks.begin()) - 1);
}

std::uint64_t WorkPlan::pairs_of(TaskId id) const {
  if (!among_) {
    return references_;
  }
  const ImageIndex image = image_of(id);
  const std::uint64_t all = among_->pairs->first_of(image + 1) - among_->pairs->first_of(image);
  return std::min<std::uint64_t>(all - pairs_before(id, image), kPairsOfATask);
}

// Of the image's pairs, those of its tasks before this one.
std::uint64_t WorkPlan::pairs_before(TaskId id, ImageIndex image) const {
  return (id.value() - among_->first_tasks[image.value()]) * kPairsOfATask;
}

}  // namespace bundle_match

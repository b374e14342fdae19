// Converts between tasks, images and pairs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/work_plan.hpp"

#include <algorithm>
#include <limits>

namespace bundle_match {
namespace {

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  return a > 0 && b > kMost / a ? kMost : a * b;
}

}  // namespace

WorkPlan WorkPlan::of_all_pairs(std::size_t images) {
  WorkPlan plan(images, static_cast<std::uint32_t>(images));
  plan.all_pairs_ = true;
  plan.first_tasks_.reserve(images + 1);
  std::uint64_t first = 0;
  for (std::size_t image = 0; image < images; ++image) {
    plan.first_tasks_.push_back(first);
    first += (image + kPairsOfATask - 1) / kPairsOfATask;
  }
  plan.first_tasks_.push_back(first);
  return plan;
}

std::uint64_t WorkPlan::pairs() const {
  const std::uint64_t images = images_;
  if (!all_pairs_) {
    return product(images, references_);
  }
  return images % 2 == 0 ? product(images / 2, std::max<std::uint64_t>(images, 1) - 1)
                         : product(images, (images - 1) / 2);
}

std::uint64_t WorkPlan::task_count() const { return all_pairs_ ? first_tasks_.back() : images_; }

Task WorkPlan::task(TaskId id) const {
  if (!all_pairs_) {
    return {ImageIndex(id.value()), {ReferenceIndex(), references_}};
  }
  const auto after = std::upper_bound(first_tasks_.begin(), first_tasks_.end(), id.value());
  const ImageIndex image(static_cast<std::uint64_t>(after - first_tasks_.begin()) - 1);
  const auto before = static_cast<std::uint32_t>(id.value() - first_tasks_[image.value()]);
  const ReferenceIndex first(before * kPairsOfATask);
  return {image, {first, std::min(kPairsOfATask, reference_of(image) - first)}};
}

TaskId WorkPlan::task_of(ImageIndex image, ReferenceIndex first_reference) const {
  return TaskId(all_pairs_
                    ? first_tasks_.at(image.value()) + first_reference.value() / kPairsOfATask
                    : image.value());
}

}  // namespace bundle_match

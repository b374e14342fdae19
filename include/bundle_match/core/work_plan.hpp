// The tasks of a run: images to be matched, each with some of the references.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bundle_match {

/// One image, and the references it is to be matched with.
struct Task {
  ImageIndex image;
  ReferenceRange references;

  friend bool operator==(const Task&, const Task&) = default;
};

/// Either every image with all references, a task each, or every image with every image before it
/// (all pairs, in which images are the references, too), in tasks of at most kPairsOfATask.
class WorkPlan {
 public:
  /// A task then takes some seconds at most, and is worth its message.
  static constexpr std::uint32_t kPairsOfATask = 64;

  WorkPlan(std::size_t images, std::uint32_t references)
      : images_(images), references_(references) {}
  [[nodiscard]] static WorkPlan of_all_pairs(std::size_t images);

  [[nodiscard]] bool all_pairs() const { return all_pairs_; }
  [[nodiscard]] std::size_t images() const { return images_; }
  [[nodiscard]] IdRange<ImageIndex> image_ids() const { return first_ids<ImageIndex>(images_); }
  /// Of all pairs, as many as there are images.
  [[nodiscard]] std::uint32_t references() const { return references_; }
  [[nodiscard]] IdRange<ReferenceIndex> reference_ids() const {
    return first_ids<ReferenceIndex>(references_);
  }
  /// The references that an image is matched with.
  [[nodiscard]] ReferenceRange references_of(ImageIndex image) const {
    return {ReferenceIndex(), all_pairs_ ? reference_of(image).value() : references_};
  }
  /// Pairs of a reference and an image: rows of the results. The largest number if there are more.
  [[nodiscard]] std::uint64_t pairs() const;
  /// Position of a pair among all pairs; those of an image stand together.
  [[nodiscard]] std::uint64_t pair(ImageIndex image, ReferenceIndex reference) const {
    const std::uint64_t before = image.value();
    return (all_pairs_ ? before * (before - 1) / 2 : before * references_) + reference.value();
  }

  /// How many; their ids are 0 .. task_count() - 1.
  [[nodiscard]] std::uint64_t task_count() const;
  [[nodiscard]] Task task(TaskId id) const;
  /// The task that begins with that pair.
  [[nodiscard]] TaskId task_of(ImageIndex image, ReferenceIndex first_reference) const;

 private:
  std::size_t images_;
  std::uint32_t references_;
  bool all_pairs_ = false;
  std::vector<std::uint64_t> first_tasks_;  // of each image, and the end; empty unless all pairs
};

}  // namespace bundle_match

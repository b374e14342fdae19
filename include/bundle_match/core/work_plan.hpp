// The tasks of a run: images to be matched, each with some of the references.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/pair_set.hpp"
#include "bundle_match/core/reference_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace bundle_match {

/// One image, and the references it is to be matched with.
struct Task {
  ImageIndex image;
  ReferenceList references;

  friend bool operator==(const Task&, const Task&) = default;
};

/// Either every image with all references, a task each, or images with each other (they are the
/// references, too), in tasks of one image and at most kPairsOfATask others. Copies share what they
/// know.
class WorkPlan {
 public:
  /// A task then takes some seconds at most, and is worth its message.
  static constexpr std::uint32_t kPairsOfATask = 64;

  WorkPlan(std::size_t images, std::uint32_t references)
      : images_(images),
        references_(references),
        all_references_{ReferenceIndex(), references},
        all_images_(ImageIndex(), ImageIndex(images)) {}
  [[nodiscard]] static WorkPlan among(std::shared_ptr<const PairSet> pairs);
  [[nodiscard]] static WorkPlan among(PairSet pairs) {
    return among(std::make_shared<const PairSet>(std::move(pairs)));
  }

  /// Whether images are matched with each other.
  [[nodiscard]] bool among_images() const { return among_ != nullptr; }
  [[nodiscard]] std::size_t images() const { return images_; }
  [[nodiscard]] IdRange<ImageIndex> image_ids() const { return first_ids<ImageIndex>(images_); }
  /// Among images, as many as there are images.
  [[nodiscard]] std::uint32_t references() const { return references_; }
  [[nodiscard]] IdRange<ReferenceIndex> reference_ids() const {
    return first_ids<ReferenceIndex>(references_);
  }

  /// Pairs of a reference and an image: rows of the results. The largest number if there are more.
  [[nodiscard]] std::uint64_t pairs() const;
  /// The references that an image is matched with, and the images that a reference is matched with.
  /// Valid as long as this plan.
  [[nodiscard]] ReferenceView references_of(ImageIndex image) const {
    return among_ ? among_->pairs->references_of(image)
                  : ReferenceView(std::span(&all_references_, references_ > 0 ? 1 : 0));
  }
  [[nodiscard]] std::span<const IdRange<ImageIndex>> images_of(ReferenceIndex reference) const {
    return among_ ? among_->pairs->images_of(reference) : std::span(&all_images_, 1);
  }
  /// Position of a pair among all pairs, if it is one; those of an image stand together.
  [[nodiscard]] std::optional<std::uint64_t> find_pair(ImageIndex image,
                                                       ReferenceIndex reference) const {
    return among_ ? among_->pairs->find(image, reference)
           : reference.value() < references_
               ? std::optional(image.value() * references_ + reference.value())
               : std::nullopt;
  }
  /// The same; throws std::out_of_range for what is no pair of the run.
  [[nodiscard]] std::uint64_t pair(ImageIndex image, ReferenceIndex reference) const;

  /// How many; their ids are 0 .. task_count() - 1.
  [[nodiscard]] std::uint64_t task_count() const;
  [[nodiscard]] Task task(TaskId id) const;
  /// The same without the references.
  [[nodiscard]] ImageIndex image_of(TaskId id) const;
  /// How many references the task has.
  [[nodiscard]] std::uint64_t pairs_of(TaskId id) const;
  /// With references: that of the image.
  [[nodiscard]] TaskId task_of(ImageIndex image) const { return TaskId(image.value()); }

 private:
  struct Among {
    std::shared_ptr<const PairSet> pairs;
    std::vector<std::uint64_t> first_tasks;  // of each image, and the end
  };

  [[nodiscard]] std::uint64_t pairs_before(TaskId id, ImageIndex image) const;

  std::size_t images_;
  std::uint32_t references_;
  ReferenceRange all_references_;
  IdRange<ImageIndex> all_images_;
  std::shared_ptr<const Among> among_;
};

}  // namespace bundle_match

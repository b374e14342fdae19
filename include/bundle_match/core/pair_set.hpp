// Which images of a run are matched with each other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/id_range.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/reference_list.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bundle_match {

/// Pairs of images, each once: the one that stands first in the input is the pair's reference. In
/// memory that grows with the images and with the gaps between an image's references, not with the
/// pairs. Never changes.
class PairSet {
 public:
  struct Pair {
    ImageIndex a;
    ImageIndex b;

    friend bool operator==(const Pair&, const Pair&) = default;
  };

  /// No pairs.
  explicit PairSet(std::size_t images = 0);
  /// Of these images every one with every other.
  [[nodiscard]] static PairSet all(std::size_t images, IdRange<ImageIndex> among);
  [[nodiscard]] static PairSet all(std::size_t images) {
    return all(images, first_ids<ImageIndex>(images));
  }
  /// Of these images every one with the `distance` after it.
  [[nodiscard]] static PairSet window(std::size_t images, std::uint64_t distance,
                                      IdRange<ImageIndex> among);
  [[nodiscard]] static PairSet window(std::size_t images, std::uint64_t distance) {
    return window(images, distance, first_ids<ImageIndex>(images));
  }
  /// Each of some images, in any order, with every one of `others`. Throws std::invalid_argument if
  /// any of them is not among so many images.
  [[nodiscard]] static PairSet each_with(std::size_t images, std::vector<ImageIndex> each,
                                         IdRange<ImageIndex> others);
  /// These, in any order, and each as often as you like. Throws std::invalid_argument for a pair of
  /// an image with itself, or with one that is not among so many images.
  [[nodiscard]] static PairSet of(std::size_t images, std::vector<Pair> pairs);
  /// The pairs that are in either set, of the same images.
  [[nodiscard]] static PairSet united(const PairSet& a, const PairSet& b);

  [[nodiscard]] std::size_t images() const { return rows_.size() - 1; }
  /// How many pairs.
  [[nodiscard]] std::uint64_t size() const { return before_.back(); }

  /// Those that stand before the image and are matched with it.
  [[nodiscard]] ReferenceView references_of(ImageIndex image) const {
    return ReferenceView(std::span(ranges_).subspan(row(image), row(image + 1) - row(image)));
  }
  /// Those that stand behind the reference and are matched with it.
  [[nodiscard]] std::span<const IdRange<ImageIndex>> images_of(ReferenceIndex reference) const;

  /// Pairs are numbered by image, then by reference. Those of images before this one: how many.
  [[nodiscard]] std::uint64_t first_of(ImageIndex image) const { return before_[row(image)]; }
  /// The number of a pair, if it is one.
  [[nodiscard]] std::optional<std::uint64_t> find(ImageIndex image, ReferenceIndex reference) const;

 private:
  [[nodiscard]] std::size_t row(ImageIndex image) const { return rows_[image.value()]; }
  void begin_row() { rows_.push_back(ranges_.size()); }
  void append(ReferenceRange range);
  void transpose();

  // Ranges of an image's references stand together; rows_ has where they begin, and the end of all.
  std::vector<ReferenceRange> ranges_;
  std::vector<std::uint64_t> before_{0};  // of each range, and of the end: pairs before it
  std::vector<std::size_t> rows_;
  // The same from the other side.
  std::vector<IdRange<ImageIndex>> columns_;
  std::vector<std::size_t> column_starts_;
};

}  // namespace bundle_match

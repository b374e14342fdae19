// What --similar chose: for each image the images that it is to be matched with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/pair_set.hpp"
#include "bundle_match/core/path_index.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/journal.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace bundle_match::app {

/// An image that is like another one.
struct SimilarImage {
  ImageIndex image;
  double similarity = 0;  ///< see similarity::ImageDescriber::similarity
};

/// Made of records of a journal, of this run and of earlier ones, in their order. Records name
/// paths: what holds for a path holds for every image of the run that has it.
class Choices {
 public:
  /// The paths must outlive it.
  explicit Choices(const PathList& images) : index_(images) {}

  /// Takes in a record of that kind. What was chosen for the image before is kept. Images that the
  /// run does not have are passed over.
  void take(const results::JournalRecord& choice);

  /// Whether so many were chosen for the image, or all there were.
  [[nodiscard]] bool has(ImageIndex image, std::uint32_t wanted) const;
  /// What was chosen for it, most alike first, then what was chosen before.
  [[nodiscard]] const std::vector<SimilarImage>& of(ImageIndex image) const;
  /// Whether `other` was chosen for `image`.
  [[nodiscard]] bool chose(ImageIndex image, ImageIndex other) const;
  /// Each image with those that were chosen for it.
  [[nodiscard]] std::vector<PairSet::Pair> pairs() const;

 private:
  struct Choice {
    std::uint32_t wanted = 0;
    std::vector<SimilarImage> similar;
  };

  void add(ImageIndex image, const results::JournalRecord& record);

  PathIndex index_;
  std::unordered_map<ImageIndex, Choice> by_image_;
};

}  // namespace bundle_match::app

// Where the images of a run were taken, as far as it is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/geo_position.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/path_index.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/journal.hpp"

#include <optional>
#include <vector>

namespace bundle_match::app {

/// From records of a journal, and of images that were described.
class ImagePositions {
 public:
  /// The paths must outlive it.
  explicit ImagePositions(const PathList& images) : index_(images), known_(images.size()) {}

  /// Takes in a record of that kind. It holds for every image of the run that has its path; there
  /// may be none.
  void take(const results::JournalRecord& record);
  /// The image is known to have been taken there, or nobody knows where.
  void set(ImageIndex image, const std::optional<GeoPosition>& position);

  [[nodiscard]] bool knows(ImageIndex image) const { return known_[image].read; }
  /// Those that have a position, in the order of the input.
  [[nodiscard]] std::vector<LocatedImage> located() const;

 private:
  struct Known {
    bool read = false;
    std::optional<GeoPosition> position;
  };

  PathIndex index_;
  ById<ImageIndex, Known> known_;
};

}  // namespace bundle_match::app

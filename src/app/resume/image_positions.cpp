// From records to positions of images.
// SPDX-License-Identifier: Apache-2.0
#include "resume/image_positions.hpp"

namespace bundle_match::app {

void ImagePositions::take(const results::JournalRecord& record) {
  index_.for_each(record.path, [&](ImageIndex image) { set(image, record.position); });
}

void ImagePositions::set(ImageIndex image, const std::optional<GeoPosition>& position) {
  known_[image] = {true, position};
}

std::vector<LocatedImage> ImagePositions::located() const {
  std::vector<LocatedImage> images;
  for (const ImageIndex image : known_.ids()) {
    if (const auto& position = known_[image].position) {
      images.push_back({image, *position});
    }
  }
  return images;
}

}  // namespace bundle_match::app

// Keeps the thumbnails and points of the best and the worst images.
// SPDX-License-Identifier: Apache-2.0
#include "output/pictures.hpp"

#include <algorithm>
#include <iterator>

namespace bundle_match::app {

void PictureKeeper::offer(ImageIndex image, const ImageResult& result, const MatchAnswer& answer,
                          bool by_inliers) {
  CountedImage counted{0, image};
  for (const PairOutcome& outcome : result.outcomes) {
    counted.count = std::max(counted.count, by_inliers ? outcome.inliers : outcome.matches);
  }
  if (!answer.thumbnail.empty()) {
    const auto jpeg = std::make_shared<const std::string>(answer.thumbnail);
    best_.emplace(counted, jpeg);
    if (best_.size() > most_best_) {
      best_.erase(std::prev(best_.end()));
    }
    worst_.emplace(counted, jpeg);
    if (worst_.size() > most_worst_) {
      worst_.erase(worst_.begin());
    }
  }
  if (answer.drawable && !answer.drawable->points.empty()) {
    drawable_.emplace(counted, *answer.drawable);
    if (drawable_.size() > most_drawable_) {
      drawable_.erase(std::prev(drawable_.end()));
    }
  }
}

const std::string* PictureKeeper::find(const CountedImage& image) const {
  for (const auto* list : {&best_, &worst_}) {
    if (const auto it = list->find(image); it != list->end()) {
      return it->second.get();
    }
  }
  return nullptr;
}

const std::vector<MatchedPoints>* PictureKeeper::points(const PictureTask& pair) const {
  const auto it = std::find_if(drawable_.begin(), drawable_.end(), [&](const auto& entry) {
    return entry.first.image == pair.image && entry.second.reference == pair.reference;
  });
  return it != drawable_.end() ? &it->second.points : nullptr;
}

}  // namespace bundle_match::app

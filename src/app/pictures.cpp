// Short lists, best first.
// SPDX-License-Identifier: Apache-2.0
#include "pictures.hpp"

#include <algorithm>
#include <iterator>

namespace bundle_match::app {

void PictureKeeper::offer(const ImageReport& report, bool by_inliers) {
  if (report.status != ImageStatus::ok) {
    return;
  }
  CountedImage image{0, report.image};
  for (const PairOutcome& outcome : report.outcomes) {
    image.count = std::max(image.count, by_inliers ? outcome.inliers : outcome.matches);
  }
  if (!report.thumbnail.empty()) {
    const auto jpeg = std::make_shared<const std::string>(report.thumbnail);
    best_.emplace(image, jpeg);
    if (best_.size() > most_best_) {
      best_.erase(std::prev(best_.end()));
    }
    worst_.emplace(image, jpeg);
    if (worst_.size() > most_worst_) {
      worst_.erase(worst_.begin());
    }
  }
  if (!report.drawable.points.empty()) {
    drawable_.emplace(image, report.drawable);
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

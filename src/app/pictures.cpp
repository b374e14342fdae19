// Two short lists, best first.
// SPDX-License-Identifier: Apache-2.0
#include "pictures.hpp"

#include <algorithm>
#include <iterator>

namespace bundle_match::app {

void ThumbnailKeeper::offer(const ImageReport& report, bool by_inliers) {
  if (report.thumbnail.empty() || report.status != ImageStatus::ok) {
    return;
  }
  CountedImage image{0, report.image};
  for (const PairOutcome& outcome : report.outcomes) {
    image.count = std::max(image.count, by_inliers ? outcome.inliers : outcome.matches);
  }
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

const std::string* ThumbnailKeeper::find(const CountedImage& image) const {
  for (const auto* list : {&best_, &worst_}) {
    if (const auto it = list->find(image); it != list->end()) {
      return it->second.get();
    }
  }
  return nullptr;
}

}  // namespace bundle_match::app

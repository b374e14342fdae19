// Counts all rows, and keeps the rows themselves while there is room.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/report/row_collector.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bundle_match::report {

std::uint64_t round_width(std::uint64_t most, std::uint64_t bins) {
  std::uint64_t width = 1;
  for (std::uint64_t step = 0; most / width >= bins; ++step) {
    width = step % 3 == 1 ? width / 2 * 5 : width * 2;
  }
  return width;
}

RowCollector::RowCollector(std::size_t images, bool among_images,
                           const std::vector<ImageIndex>& pictured, const Limits& limits)
    : limits_(limits), among_images_(among_images), best_(images) {
  result_.images = images;
  for (const ImageIndex image : pictured) {
    result_.best_of[image];
  }
}

void RowCollector::add(const Row& row) {
  const std::uint64_t number = result_.total++;
  ++result_.by_status.at(static_cast<std::size_t>(row.status));
  add_best(row.image, row, row.path);
  if (among_images_) {
    add_best(image_of(row.reference), row, "");
  }
  if (row.status != ImageStatus::ok) {
    if (failed_.size() < limits_.failed) {
      failed_.push_back({number, row});
    }
    return;
  }
  ++result_.histogram[row.matches];
  matched_.push_back({number, row});
  if (matched_.size() >= 2 * limits_.matched) {
    drop_worst();
  }
}

void RowCollector::add_times(const StageTimes& elapsed_ms) {
  read_ms_ += static_cast<double>(elapsed_ms.read);
  sift_ms_ += static_cast<double>(elapsed_ms.sift);
  match_ms_ += static_cast<double>(elapsed_ms.match);
}

// A path that is not known here is that of another row.
void RowCollector::add_best(ImageIndex image, const Row& row, const std::string& path) {
  std::optional<std::uint32_t>& best = best_.at(image);
  const bool ok = row.status == ImageStatus::ok;
  const bool better = ok && (!best || row.matches > *best);
  if (const auto pictured = result_.best_of.find(image); pictured != result_.best_of.end()) {
    BestCount& count = pictured->second;
    if (better || !best) {
      count.status = row.status;
      count.matches = row.matches;
      count.inliers = row.inliers;
    }
    if (!path.empty()) {
      count.path = path;
    }
  }
  if (better) {
    best = row.matches;
  }
}

void RowCollector::drop_worst() {
  if (matched_.size() <= limits_.matched) {
    return;
  }
  const auto end = std::next(matched_.begin(), static_cast<std::ptrdiff_t>(limits_.matched));
  std::nth_element(matched_.begin(), end, matched_.end(), [](const Numbered& a, const Numbered& b) {
    return a.row.matches != b.row.matches ? a.row.matches > b.row.matches : a.number < b.number;
  });
  matched_.erase(end, matched_.end());
}

CollectedRows RowCollector::finish() {
  drop_worst();
  std::move(failed_.begin(), failed_.end(), std::back_inserter(matched_));
  std::sort(matched_.begin(), matched_.end(),
            [](const Numbered& a, const Numbered& b) { return a.number < b.number; });
  result_.rows.reserve(matched_.size());
  for (Numbered& numbered : matched_) {
    result_.rows.push_back(std::move(numbered.row));
  }
  const std::size_t of_bin = (best_.size() + limits_.order_bins - 1) / limits_.order_bins;
  for (const ImageIndex image : best_.ids()) {
    if (image.value() % of_bin == 0) {
      result_.order.emplace_back().first = image;
    }
    OrderBin& bin = result_.order.back();
    ++bin.images;
    if (const auto best = best_[image]) {
      bin.least = bin.matched == 0 ? *best : std::min(bin.least, *best);
      bin.most = std::max(bin.most, *best);
      bin.sum += *best;
      ++bin.matched;
    }
  }
  result_.total_ms = {static_cast<float>(read_ms_), static_cast<float>(sift_ms_),
                      static_cast<float>(match_ms_)};
  return std::move(result_);
}

}  // namespace bundle_match::report

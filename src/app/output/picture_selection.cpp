// The best and the worst, by the rows' own rules.
// SPDX-License-Identifier: Apache-2.0
#include "output/picture_selection.hpp"

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/results/row_selection.hpp"

#include <algorithm>

namespace bundle_match::app {
namespace {

using Sort = results::RowSelection::Sort;

std::uint32_t count_of(const results::PairCounts& counts, bool by_inliers) {
  return by_inliers ? counts.inliers : counts.matches;
}

// The best pair of each image; of all pairs, an image is also the reference of some.
ById<ImageIndex, std::optional<std::uint32_t>> best_counts(const results::ResultTable& results,
                                                           bool by_inliers) {
  const WorkPlan& plan = results.plan();
  ById<ImageIndex, std::optional<std::uint32_t>> best(plan.images());
  for (const ImageIndex image : plan.image_ids()) {
    for (const ReferenceIndex reference : plan.references_of(image)) {
      if (const auto counts = results.counts(image, reference)) {
        const auto count = std::optional(count_of(*counts, by_inliers));
        best[image] = std::max(best[image], count);
        if (plan.among_images()) {
          auto& of_reference = best[image_of(reference)];
          of_reference = std::max(of_reference, count);
        }
      }
    }
  }
  return best;
}

}  // namespace

std::vector<PictureTask> pairs_to_draw(const results::ResultTable& results, bool by_inliers,
                                       std::optional<std::uint32_t> best) {
  results::RowSelection selection;
  if (best) {
    selection.sort = by_inliers ? Sort::inliers : Sort::matches;
    selection.top = best;
  }
  std::vector<PictureTask> pairs;
  results::for_each_row(results, selection, [&](ReferenceIndex reference, ImageIndex image) {
    if (results.counts(image, reference)) {
      pairs.push_back({image, reference});
    }
  });
  return pairs;
}

std::vector<PictureTask> best_pairs(const results::ResultTable& results, bool by_inliers,
                                    std::uint32_t most) {
  std::vector<PictureTask> pairs = pairs_to_draw(results, by_inliers, most);
  std::stable_sort(pairs.begin(), pairs.end(), [&](const PictureTask& a, const PictureTask& b) {
    return count_of(*results.counts(a.image, *a.reference), by_inliers) >
           count_of(*results.counts(b.image, *b.reference), by_inliers);
  });
  pairs.resize(std::min<std::size_t>(pairs.size(), most));
  return pairs;
}

std::vector<CountedImage> best_and_worst(const results::ResultTable& results, bool by_inliers,
                                         std::size_t best, std::size_t worst) {
  const auto counts = best_counts(results, by_inliers);
  std::vector<CountedImage> images;
  for (const ImageIndex image : counts.ids()) {
    if (counts[image]) {
      images.push_back({*counts[image], image});
    }
  }
  std::sort(images.begin(), images.end());
  if (images.size() > best + worst) {
    images.erase(images.begin() + static_cast<std::ptrdiff_t>(best),
                 images.end() - static_cast<std::ptrdiff_t>(worst));
  }
  return images;
}

}  // namespace bundle_match::app

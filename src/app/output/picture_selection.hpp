// Which pictures of a run are worth being looked at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/results/result_table.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bundle_match::app {

/// A picture of a pair or, without a reference, a thumbnail.
struct PictureTask {
  ImageIndex image;
  std::optional<ReferenceIndex> reference;

  // NOLINTNEXTLINE(modernize-use-nullptr): see StrongId
  friend auto operator<=>(const PictureTask&, const PictureTask&) = default;
};

/// An image by its best pair: more matches (or inliers) come first, then the input's order.
struct CountedImage {
  std::uint32_t count = 0;
  ImageIndex image;

  friend bool operator==(const CountedImage&, const CountedImage&) = default;
  friend std::strong_ordering operator<=>(const CountedImage& a, const CountedImage& b) {
    return a.count != b.count ? b.count <=> a.count : a.image <=> b.image;
  }
};

/// Pairs that are ok: all, reference by reference, or the best of each reference (of all pairs, of
/// the whole run).
[[nodiscard]] std::vector<PictureTask> pairs_to_draw(const results::ResultTable& results,
                                                     bool by_inliers,
                                                     std::optional<std::uint32_t> best);

/// The best pairs of the whole run, best first.
[[nodiscard]] std::vector<PictureTask> best_pairs(const results::ResultTable& results,
                                                  bool by_inliers, std::uint32_t most);

/// So many of the best and of the worst images with a pair that is ok, each once, best first.
[[nodiscard]] std::vector<CountedImage> best_and_worst(const results::ResultTable& results,
                                                       bool by_inliers, std::size_t best,
                                                       std::size_t worst);

}  // namespace bundle_match::app

// Nearest neighbours of all descriptors of two sets, and the matches that follow from them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace bundle_match::matching {

/// "No such neighbour": the other side has no (second) descriptor.
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// The nearest neighbour of one descriptor. Distances are squared Euclidean and exact: at most
/// 128 * 255^2 = 8,323,200, so every one fits 24 bits.
struct Nearest {
  std::uint32_t index = kNone;            ///< of the nearest; the lower one of equals
  std::uint32_t distance = kNone;         ///< squared, to the nearest
  std::uint32_t second_distance = kNone;  ///< squared, to the second nearest (may equal `distance`)

  friend bool operator==(const Nearest&, const Nearest&) = default;
};

/// The result of matching n query (reference) descriptors with m train (image) descriptors.
struct NearestNeighbours {
  std::vector<Nearest> of_query;  ///< n entries; `index` is a train row
  std::vector<Nearest> of_train;  ///< m entries; `index` is a query row

  friend bool operator==(const NearestNeighbours&, const NearestNeighbours&) = default;
};

/// A pair of matched rows.
struct Match {
  std::uint32_t query = 0;
  std::uint32_t train = 0;
  std::uint32_t distance = 0;  ///< squared

  friend bool operator==(const Match&, const Match&) = default;
};

/// Which nearest neighbours are good enough to count.
struct MatchFilter {
  /// Lowe's ratio test (Lowe 2004, section 7.1): the nearest must be closer than `max_ratio` times
  /// the second nearest, as Euclidean distances; 0: no test. Without a second one it is passed, and
  /// of two equal ones neither is, up to a ratio of 1. Read to the millionth, then exact: a ratio
  /// of 0.8 refuses distances of 8 and 10.
  double max_ratio = 0;
  /// Largest Euclidean distance, itself allowed; 0: any.
  double max_distance = 0;

  friend bool operator==(const MatchFilter&, const MatchFilter&) = default;
};

/// The pairs (i, j) that are each other's nearest, by ascending i. What
/// cv::BFMatcher(NORM_L2, crossCheck = true) gives since OpenCV 3.4.4 / 4.0. The filter is applied
/// in both directions, before the cross check, as COLMAP does it.
[[nodiscard]] std::vector<Match> mutual_matches(const NearestNeighbours& nearest,
                                                const MatchFilter& filter = {});

/// For every query that is the nearest of at least one train: the pair with the closest of those
/// trains (the lower index of equals), by ascending query. What cv::BFMatcher(NORM_L2, crossCheck =
/// true) gave before OpenCV 3.4.4 / 4.0 (its issue 11855). The filter is applied to each train's
/// nearest query, before the closest train of a query is chosen.
[[nodiscard]] std::vector<Match> one_way_matches(const NearestNeighbours& nearest,
                                                 const MatchFilter& filter = {});

}  // namespace bundle_match::matching

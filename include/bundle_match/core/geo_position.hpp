// Places on Earth, and which of them are near each other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/pair_set.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bundle_match {

/// In degrees of WGS 84, the datum of GPS.
struct GeoPosition {
  double latitude = 0;   ///< -90 to 90, positive in the north
  double longitude = 0;  ///< -180 to 180, positive in the east

  friend bool operator==(const GeoPosition&, const GeoPosition&) = default;
};

/// Whether both angles are finite and in range.
[[nodiscard]] bool is_valid(const GeoPosition& position);

/// Metres between two places at height 0, in a straight line, which for 10 km is 1 mm shorter than
/// the way over ground. (Geodetic to geocentric coordinates: NIMA TR8350.2, "World Geodetic System
/// 1984".)
[[nodiscard]] double distance_m(const GeoPosition& a, const GeoPosition& b);

struct LocatedImage {
  ImageIndex image;
  GeoPosition position;
};

/// All pairs of images whose distance is at most so many metres, each once, in no order that
/// matters; nothing if they are more than `most`. The time grows with the images and with the pairs
/// that are less than about three times as far apart.
[[nodiscard]] std::optional<std::vector<PairSet::Pair>> pairs_within(
    std::span<const LocatedImage> images, double metres, std::uint64_t most);

}  // namespace bundle_match

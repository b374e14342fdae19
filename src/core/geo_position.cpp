// A grid of cubes in geocentric coordinates: whoever is near is in the same cube or one beside it.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/geo_position.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace bundle_match {
namespace {

using Point = std::array<double, 3>;       // metres from the centre of the Earth
using Cube = std::array<std::int64_t, 3>;  // its position in the grid

Point geocentric(const GeoPosition& position) {
  constexpr double kMajor_m = 6378137.0, kFlattening = 1 / 298.257223563;
  constexpr double kEccentricity2 = kFlattening * (2 - kFlattening);
  constexpr double kRadians = std::numbers::pi / 180;
  const double latitude = position.latitude * kRadians;
  const double longitude = position.longitude * kRadians;
  const double sine = std::sin(latitude);
  const double normal = kMajor_m / std::sqrt(1 - kEccentricity2 * sine * sine);
  return {normal * std::cos(latitude) * std::cos(longitude),
          normal * std::cos(latitude) * std::sin(longitude), normal * (1 - kEccentricity2) * sine};
}

double distance2(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t axis = 0; axis < a.size(); ++axis) {
    sum += (a.at(axis) - b.at(axis)) * (a.at(axis) - b.at(axis));
  }
  return sum;
}

struct Place {
  Cube cube;
  Point point;
  ImageIndex image;
};

std::vector<Place> sorted_places(std::span<const LocatedImage> images, double side) {
  std::vector<Place> places;
  places.reserve(images.size());
  for (const LocatedImage& it : images) {
    Place place{{}, geocentric(it.position), it.image};
    for (std::size_t axis = 0; axis < place.cube.size(); ++axis) {
      place.cube.at(axis) = static_cast<std::int64_t>(std::floor(place.point.at(axis) / side));
    }
    places.push_back(place);
  }
  std::sort(places.begin(), places.end(),
            [](const Place& one, const Place& other) { return one.cube < other.cube; });
  return places;
}

// The places in a cube.
std::span<const Place> places_in(std::span<const Place> places, const Cube& cube) {
  const auto first =
      std::lower_bound(places.begin(), places.end(), cube,
                       [](const Place& place, const Cube& other) { return place.cube < other; });
  const auto end =
      std::upper_bound(first, places.end(), cube,
                       [](const Cube& other, const Place& place) { return other < place.cube; });
  return {first, end};
}

// Half of the cubes around one, so that each two are looked at once.
std::vector<Cube> neighbours() {
  std::vector<Cube> found;
  for (std::int64_t x = -1; x <= 1; ++x) {
    for (std::int64_t y = -1; y <= 1; ++y) {
      for (std::int64_t z = -1; z <= 1; ++z) {
        if (Cube{x, y, z} > Cube{0, 0, 0}) {
          found.push_back({x, y, z});
        }
      }
    }
  }
  return found;
}

}  // namespace

bool is_valid(const GeoPosition& position) {
  return std::abs(position.latitude) <= 90 && std::abs(position.longitude) <= 180;
}

double distance_m(const GeoPosition& a, const GeoPosition& b) {
  return std::sqrt(distance2(geocentric(a), geocentric(b)));
}

std::optional<std::vector<PairSet::Pair>> pairs_within(std::span<const LocatedImage> images,
                                                       double metres, std::uint64_t most) {
  // Not so small that numbers of cubes overflow.
  const double side = std::max(metres, 1.0);
  const std::vector<Place> places = sorted_places(images, side);
  const std::vector<Cube> beside = neighbours();
  std::vector<PairSet::Pair> pairs;
  const auto take_near = [&](const Place& place, std::span<const Place> others) {
    for (const Place& other : others) {
      if (distance2(place.point, other.point) <= metres * metres) {
        pairs.push_back({place.image, other.image});
      }
    }
    return pairs.size() <= most;
  };
  for (auto begin = places.begin(); begin != places.end();) {
    const Cube cube = begin->cube;
    const std::span<const Place> here = places_in({begin, places.end()}, cube);
    for (std::size_t i = 0; i < here.size(); ++i) {
      if (!take_near(here[i], here.subspan(i + 1))) {
        return std::nullopt;
      }
    }
    begin += static_cast<std::ptrdiff_t>(here.size());
    for (const Cube& step : beside) {
      const auto there = places_in({begin, places.end()},
                                   {cube[0] + step[0], cube[1] + step[1], cube[2] + step[2]});
      for (const Place& place : here) {
        if (!take_near(place, there)) {
          return std::nullopt;
        }
      }
    }
  }
  return pairs;
}

}  // namespace bundle_match

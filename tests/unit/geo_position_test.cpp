// Distances on Earth, and pairs within one, against every pair looked at.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/geo_position.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

namespace bundle_match {
namespace {

constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();

std::vector<PairSet::Pair> in_order(std::vector<PairSet::Pair> pairs) {
  for (PairSet::Pair& pair : pairs) {
    pair = {std::min(pair.a, pair.b), std::max(pair.a, pair.b)};
  }
  std::sort(pairs.begin(), pairs.end(), [](const PairSet::Pair& one, const PairSet::Pair& other) {
    return std::tie(one.a, one.b) < std::tie(other.a, other.b);
  });
  return pairs;
}

std::vector<PairSet::Pair> every_pair_within(const std::vector<LocatedImage>& images,
                                             double metres) {
  std::vector<PairSet::Pair> pairs;
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (std::size_t j = i + 1; j < images.size(); ++j) {
      if (distance_m(images[i].position, images[j].position) <= metres) {
        pairs.push_back({images[i].image, images[j].image});
      }
    }
  }
  return in_order(std::move(pairs));
}

// Around a place, in degrees.
std::vector<LocatedImage> scattered(std::size_t count, const GeoPosition& centre, double spread) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same places every time
  std::uniform_real_distribution<double> offset(-spread, spread);
  std::vector<LocatedImage> images;
  for (std::size_t i = 0; i < count; ++i) {
    images.push_back({ImageIndex(i),
                      {std::clamp(centre.latitude + offset(random), -90.0, 90.0),
                       centre.longitude + offset(random)}});
  }
  return images;
}

TEST(GeoPosition, IsOnEarth) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(is_valid({0, 0}));
  EXPECT_TRUE(is_valid({90, 180}));
  EXPECT_TRUE(is_valid({-90, -180}));
  for (const double wrong : {kNan, kInfinite, -kInfinite, 180.5}) {
    EXPECT_FALSE(is_valid({wrong, 0}));
    EXPECT_FALSE(is_valid({0, wrong}));
  }
  EXPECT_FALSE(is_valid({90.5, 0}));
}

// Lengths of arcs of WGS 84: a degree of longitude at the equator is 111319.491 m, one of latitude
// at the equator 110574.304 m and at the pole 111693.865 m; the straight line is up to 2 m shorter.
TEST(GeoPosition, DistanceIsThatOfTheEllipsoid) {
  EXPECT_EQ(distance_m({48.1, 11.5}, {48.1, 11.5}), 0);
  EXPECT_NEAR(distance_m({0, 10}, {0, 11}), 111319.491 - 1.413, 0.01);
  EXPECT_NEAR(distance_m({-0.5, 10}, {0.5, 10}), 110574.276 - 1.413, 0.1);
  EXPECT_NEAR(distance_m({89, 10}, {90, 70}), 111693.865 - 1.4, 0.1);
  EXPECT_NEAR(distance_m({0, 0}, {0, 180}), 2 * 6378137.0, 0.01);
  EXPECT_NEAR(distance_m({90, 0}, {-90, 0}), 2 * 6356752.3142, 0.01);
  EXPECT_NEAR(distance_m({10, 179.9999}, {10, -179.9999}), distance_m({10, 0}, {10, 0.0002}), 1e-6);
}

TEST(GeoPosition, PairsWithinAreThoseThatAreNear) {
  for (const GeoPosition centre :
       {GeoPosition{48.1, 11.5}, {0, 180}, {89.9999, 0}, {-33.9, 18.4}}) {
    const std::vector<LocatedImage> images = scattered(400, centre, 0.001);
    for (const double metres : {0.001, 0.5, 3.0, 20.0, 75.0, 1e9}) {
      SCOPED_TRACE(testing::Message()
                   << centre.latitude << ", " << centre.longitude << ": within " << metres << " m");
      const auto pairs = pairs_within(images, metres, kAny);
      ASSERT_TRUE(pairs);
      EXPECT_EQ(in_order(*pairs), every_pair_within(images, metres));
    }
  }
}

TEST(GeoPosition, PairsWithinHaveImagesOfOnePlace) {
  const std::vector<LocatedImage> images = {
      {7_image, {48, 11}}, {2_image, {48, 11}}, {5_image, {49, 11}}};
  EXPECT_EQ(in_order(*pairs_within(images, 0.001, kAny)),
            (std::vector<PairSet::Pair>{{2_image, 7_image}}));
  EXPECT_TRUE(pairs_within({}, 10, kAny)->empty());
  EXPECT_TRUE(pairs_within(std::span(images).first(1), 10, kAny)->empty());
}

TEST(GeoPosition, PairsWithinAreNoMoreThanAreWanted) {
  const std::vector<LocatedImage> images(100, {0_image, {48, 11}});
  EXPECT_EQ(pairs_within(images, 1, 4950)->size(), 4950U);
  EXPECT_FALSE(pairs_within(images, 1, 4949));
  // Also if they are in cubes beside each other.
  const std::vector<LocatedImage> scattering = scattered(200, {48, 11}, 0.001);
  const std::size_t all = every_pair_within(scattering, 50).size();
  EXPECT_TRUE(pairs_within(scattering, 50, all));
  EXPECT_FALSE(pairs_within(scattering, 50, all - 1));
}

}  // namespace
}  // namespace bundle_match

// The filter and the cross checks, on hand-made neighbours and against a search of all pairs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/nearest.hpp"

#include "matching_reference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace bundle_match::matching {
namespace {

NearestNeighbours example() {
  // Queries 0 and 1; trains 0, 1, 2. Trains 0 and 2 are nearest to query 0, train 1 to query 1, but
  // query 1 has train 2 as its nearest.
  NearestNeighbours nearest;
  nearest.of_query = {{2, 10, 30}, {2, 15, 20}};
  nearest.of_train = {{0, 30, 90}, {1, 20, 70}, {0, 10, 15}};
  return nearest;
}

TEST(MutualMatches, KeepsOnlyPairsThatAreEachOthersNearest) {
  EXPECT_EQ(mutual_matches(example()), (std::vector<Match>{{0, 2, 10}}));
}

TEST(OneWayMatches, CountsEveryQueryThatSomeTrainChose) {
  EXPECT_EQ(one_way_matches(example()), (std::vector<Match>{{0, 2, 10}, {1, 1, 20}}));
}

TEST(OneWayMatches, GivesTheLowerTrainOfEquals) {
  NearestNeighbours nearest;
  nearest.of_query = {{0, 5, 5}};
  nearest.of_train = {{0, 5, kNone}, {0, 5, kNone}};
  EXPECT_EQ(one_way_matches(nearest), (std::vector<Match>{{0, 0, 5}}));
}

TEST(Matches, AreNoneWhenASideIsEmpty) {
  NearestNeighbours nearest;
  nearest.of_query = {Nearest{}, Nearest{}};
  EXPECT_TRUE(mutual_matches(nearest).empty());
  EXPECT_TRUE(one_way_matches(nearest).empty());
}

// One query and one train that are each other's nearest; the second ones as given.
NearestNeighbours pair(std::uint32_t distance, std::uint32_t query_second,
                       std::uint32_t train_second) {
  NearestNeighbours nearest;
  nearest.of_query = {{0, distance, query_second}};
  nearest.of_train = {{0, distance, train_second}};
  return nearest;
}

std::size_t mutual_count(std::uint32_t distance, std::uint32_t second, const MatchFilter& filter) {
  return mutual_matches(pair(distance, second, second), filter).size();
}

TEST(RatioTest, ComparesEuclideanDistances) {
  // Roots 8 and 10: 0.8 * 0.8 in floating point is more than 0.64.
  EXPECT_EQ(mutual_count(64, 100, {0.8, 0}), 0U);
  EXPECT_EQ(mutual_count(63, 100, {0.8, 0}), 1U);
  EXPECT_EQ(mutual_count(64, 100, {0.800001, 0}), 1U);
  // Roots 0.7 * k and k, from small ones to the largest there are.
  for (std::uint32_t k = 10; k < 2885; k += 10) {
    EXPECT_EQ(mutual_count(49 * k / 10 * k / 10, k * k, {0.7, 0}), 0U) << k;
    EXPECT_EQ(mutual_count(49 * k / 10 * k / 10 - 1, k * k, {0.7, 0}), 1U) << k;
  }
}

TEST(RatioTest, IsAppliedInBothDirections) {
  const MatchFilter filter{0.5, 0};
  EXPECT_EQ(mutual_matches(pair(10, 100, 100), filter).size(), 1U);
  EXPECT_EQ(mutual_matches(pair(10, 20, 100), filter).size(), 0U);
  EXPECT_EQ(mutual_matches(pair(10, 100, 20), filter).size(), 0U);
  EXPECT_EQ(one_way_matches(pair(10, 20, 100), filter).size(), 1U);
  EXPECT_EQ(one_way_matches(pair(10, 100, 20), filter).size(), 0U);
}

TEST(RatioTest, PassesWithoutASecondAndFailsAmongEquals) {
  for (const double ratio : {0.000001, 0.8, 1.0}) {
    EXPECT_EQ(mutual_count(8323200, kNone, {ratio, 0}), 1U) << ratio;
    EXPECT_EQ(mutual_count(0, kNone, {ratio, 0}), 1U) << ratio;
    EXPECT_EQ(mutual_count(0, 1, {ratio, 0}), 1U) << ratio;
    EXPECT_EQ(mutual_count(0, 0, {ratio, 0}), 0U) << ratio;
    EXPECT_EQ(mutual_count(8323200, 8323200, {ratio, 0}), 0U) << ratio;
  }
  EXPECT_EQ(mutual_count(8323199, 8323200, {1, 0}), 1U);
}

TEST(RatioTest, TakesAnyNumber) {
  for (const double none : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(mutual_count(0, 0, {none, none}), 1U) << none;
  }
  for (const double large : {1.5, 1e300, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(mutual_count(8323200, 8323200, {large, large}), large > 1.5 ? 1U : 0U) << large;
  }
}

TEST(MaxDistance, IsAllowedItself) {
  EXPECT_EQ(mutual_count(40000, 50000, {0, 200}), 1U);
  EXPECT_EQ(mutual_count(40001, 50000, {0, 200}), 0U);
  EXPECT_EQ(mutual_count(40000, 50000, {0, 199.9999}), 0U);
  EXPECT_EQ(mutual_count(40001, 50000, {0, 200.01}), 1U);
  EXPECT_EQ(mutual_count(0, 0, {0, 0.5}), 1U);
  EXPECT_EQ(mutual_count(1, 1, {0, 0.5}), 0U);
  EXPECT_EQ(mutual_count(8323200, 8323200, {0, 2885}), 1U);
  EXPECT_EQ(mutual_count(8323200, 8323200, {0, 2884.99}), 0U);
  EXPECT_EQ(one_way_matches(pair(40001, 50000, 50000), {0, 200}).size(), 0U);
  EXPECT_EQ(one_way_matches(pair(40000, 50000, 50000), {0, 200}).size(), 1U);
}

TEST(OneWayMatches, ChooseAmongTrainsThatPass) {
  NearestNeighbours nearest;
  nearest.of_query = {{0, 10, 20}};
  nearest.of_train = {{0, 10, 11}, {0, 20, 90}};
  EXPECT_EQ(one_way_matches(nearest), (std::vector<Match>{{0, 0, 10}}));
  EXPECT_EQ(one_way_matches(nearest, {0.8, 0}), (std::vector<Match>{{0, 1, 20}}));
}

// By its definition, on the roots.
bool passes_by_definition(const Nearest& best, const MatchFilter& filter) {
  const double distance = std::sqrt(static_cast<double>(best.distance));
  const bool near = filter.max_distance == 0 || distance <= filter.max_distance;
  const bool distinct =
      filter.max_ratio == 0 || best.second_distance == kNone ||
      distance < filter.max_ratio * std::sqrt(static_cast<double>(best.second_distance));
  return near && distinct;
}

std::vector<Match> mutual_by_definition(const NearestNeighbours& nearest,
                                        const MatchFilter& filter) {
  std::vector<Match> matches;
  for (std::uint32_t i = 0; i < nearest.of_query.size(); ++i) {
    for (std::uint32_t j = 0; j < nearest.of_train.size(); ++j) {
      if (nearest.of_query[i].index == j && nearest.of_train[j].index == i &&
          passes_by_definition(nearest.of_query[i], filter) &&
          passes_by_definition(nearest.of_train[j], filter)) {
        matches.push_back({i, j, nearest.of_query[i].distance});
      }
    }
  }
  return matches;
}

std::vector<Match> one_way_by_definition(const NearestNeighbours& nearest,
                                         const MatchFilter& filter) {
  std::vector<Match> matches;
  for (std::uint32_t i = 0; i < nearest.of_query.size(); ++i) {
    Match closest{i, kNone, kNone};
    for (std::uint32_t j = 0; j < nearest.of_train.size(); ++j) {
      const Nearest& best = nearest.of_train[j];
      if (best.index == i && passes_by_definition(best, filter) &&
          best.distance < closest.distance) {
        closest = {i, j, best.distance};
      }
    }
    if (closest.train != kNone) {
      matches.push_back(closest);
    }
  }
  return matches;
}

TEST(Matches, AreThoseOfTheDefinition) {
  std::mt19937 random(20261124);
  for (const test::Values values : test::kAllValues) {
    for (const std::size_t n : {0, 1, 2, 3, 40, 101}) {
      for (const std::size_t m : {0, 1, 2, 3, 37, 120}) {
        const auto query = test::make_descriptors(values, n, random);
        const auto train = test::make_descriptors(values, m, random);
        const NearestNeighbours nearest = test::reference_match(query.view(), train.view());
        for (const MatchFilter filter : {MatchFilter{0, 0},
                                         {0.8, 0},
                                         {0.97, 0},
                                         {1, 0},
                                         {0, 300},
                                         {0, 1020},
                                         {0.95, 1000.5}}) {
          EXPECT_EQ(mutual_matches(nearest, filter), mutual_by_definition(nearest, filter));
          EXPECT_EQ(one_way_matches(nearest, filter), one_way_by_definition(nearest, filter));
        }
      }
    }
  }
}

}  // namespace
}  // namespace bundle_match::matching

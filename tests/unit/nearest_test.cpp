// The cross checks on hand-made neighbours.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/nearest.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace bundle_match::matching

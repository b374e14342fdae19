// Ids in order, and values that are found by their own kind of id alone.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/by_id.hpp"

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/strong_id.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace bundle_match {
namespace {

using DogId = StrongId<struct DogKind, std::uint8_t>;
using CatId = StrongId<struct CatKind, std::uint8_t>;
using FloorId = StrongId<struct FloorKind, int>;
using Dogs = ById<DogId, std::string>;

template <class Id>
concept FindsADog = requires(const Dogs& dogs, Id id) {
  dogs.at(id);
};
template <class Id>
concept IndexesADog = requires(const Dogs& dogs, Id id) {
  dogs[id];
};

static_assert(FindsADog<DogId> && IndexesADog<DogId>);
static_assert(!FindsADog<CatId> && !IndexesADog<CatId>);
static_assert(!FindsADog<std::uint8_t> && !IndexesADog<std::uint8_t>);
static_assert(!std::is_convertible_v<DogId, CatId> && !std::is_constructible_v<DogId, CatId>);
static_assert(!std::equality_comparable_with<DogId, CatId>);

template <class Range>
std::vector<int> numbers(const Range& ids) {
  std::vector<int> found;
  for (const auto id : ids) {
    found.push_back(id.value());
  }
  return found;
}

TEST(IdRange, GoesFromTheFirstToTheLast) {
  EXPECT_EQ(numbers(first_ids<DogId>(3)), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(numbers(IdRange(FloorId(-1), FloorId(2))), (std::vector<int>{-1, 0, 1}));
}

TEST(IdRange, IsEmptyWhereTheEndIsNotBehindTheFirst) {
  EXPECT_EQ(numbers(first_ids<DogId>(0)), std::vector<int>{});
  EXPECT_EQ(numbers(IdRange(DogId(2), DogId(2))), std::vector<int>{});
  EXPECT_EQ(numbers(IdRange(DogId(3), DogId(2))), std::vector<int>{});
}

TEST(IdRange, ContainsWhatItGoesThrough) {
  const IdRange range(DogId(2), DogId(4));
  EXPECT_FALSE(range.contains(DogId(1)));
  EXPECT_TRUE(range.contains(DogId(2)));
  EXPECT_TRUE(range.contains(DogId(3)));
  EXPECT_FALSE(range.contains(DogId(4)));
  EXPECT_FALSE(first_ids<DogId>(0).contains(DogId(0)));
}

TEST(WorkerRanks, AreAllButRank0) {
  EXPECT_EQ(numbers(worker_ranks(3)), (std::vector<int>{1, 2}));
  EXPECT_EQ(numbers(worker_ranks(1)), std::vector<int>{});
  EXPECT_EQ(numbers(worker_ranks(0)), std::vector<int>{});
}

TEST(ById, FindsTheValueOfEveryId) {
  Dogs dogs;
  EXPECT_TRUE(dogs.empty());
  const DogId rex = dogs.push_back("Rex");
  const DogId asta = dogs.push_back("Asta");
  EXPECT_EQ(dogs.at(rex), "Rex");
  EXPECT_EQ(std::as_const(dogs).at(asta), "Asta");
  EXPECT_EQ(dogs[asta], "Asta");
  EXPECT_EQ(dogs.size(), 2U);
  EXPECT_EQ(numbers(dogs.ids()), (std::vector<int>{0, 1}));
}

TEST(ById, RefusesIdsThatHaveNoValue) {
  Dogs dogs(2, "Rex");
  EXPECT_TRUE(dogs.contains(DogId(1)));
  EXPECT_FALSE(dogs.contains(DogId(2)));
  EXPECT_THROW((void)dogs.at(DogId(2)), std::out_of_range);
  EXPECT_THROW((void)std::as_const(dogs).at(DogId(255)), std::out_of_range);
  ById<FloorId, int> floors(2);
  EXPECT_FALSE(floors.contains(FloorId(-1)));
  EXPECT_THROW((void)floors.at(FloorId(-1)), std::out_of_range);
}

TEST(ById, VisitsItsValuesInOrder) {
  ById<FloorId, int> floors(std::vector<int>{5, 7});
  for (int& rooms : floors) {
    rooms *= 2;
  }
  EXPECT_EQ(std::vector<int>(floors.begin(), floors.end()), (std::vector<int>{10, 14}));
}

TEST(ById, TakesTheReferencesOfAVectorOfBool) {
  ById<DogId, bool> barks(2);
  barks.at(DogId(1)) = true;
  EXPECT_FALSE(barks.at(DogId(0)));
  EXPECT_TRUE(barks[DogId(1)]);
}

}  // namespace
}  // namespace bundle_match

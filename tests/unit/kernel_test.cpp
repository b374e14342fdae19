// Every kernel that this CPU supports against an independent reference: all indices and distances,
// exactly. Kernels that it lacks are reported as skipped.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/kernel.hpp"

#include "each_kernel.hpp"
#include "matching_reference.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bundle_match::matching {

namespace {

using test::Descriptors;
using test::Values;

class EachKernel : public test::WithEachKernel {
 protected:
  static void check(const Descriptors& query, const Descriptors& train) {
    NearestNeighbours found;
    GetParam().make_matcher(query.view())->match(train.view(), found);
    const NearestNeighbours expected = test::reference_match(query.view(), train.view());
    ASSERT_EQ(found.of_query, expected.of_query)
        << query.view().rows << " queries x " << train.view().rows << " trains";
    ASSERT_EQ(found.of_train, expected.of_train)
        << query.view().rows << " queries x " << train.view().rows << " trains";
  }
};

// Around what kernels count in: 4, 8, 16 lanes; 6 rows and 12, 16, 32, 64 columns of a tile; 64,
// 126 and 128 rows of a block or panel. All pairs of these.
constexpr std::size_t kSizes[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,   11,  12,  13,  15, 16,
                                  17, 31, 32, 33, 63, 64, 65, 96, 97, 125, 126, 127, 128, 129};

TEST_P(EachKernel, AgreesWithTheReferenceAtEverySize) {
  std::mt19937 random(20240101);
  for (const std::size_t n : kSizes) {
    for (const std::size_t m : kSizes) {
      ASSERT_NO_FATAL_FAILURE(check(test::make_descriptors(Values::kRandom, n, random),
                                    test::make_descriptors(Values::kRandom, m, random)));
    }
  }
}

TEST_P(EachKernel, AgreesWithTheReferenceOnEveryKindOfValue) {
  std::mt19937 random(20240102);
  for (const Values of_query : test::kAllValues) {
    for (const Values of_train : test::kAllValues) {
      for (const std::size_t n : {1, 2, 7, 33, 130}) {
        ASSERT_NO_FATAL_FAILURE(check(test::make_descriptors(of_query, n, random),
                                      test::make_descriptors(of_train, 135 - n, random)));
      }
    }
  }
}

// A chunk holds 1020 queries on NEON, up to 4096 with 512-bit vectors; a panel up to 128 trains.
TEST_P(EachKernel, AgreesWithTheReferenceAcrossChunksAndPanels) {
  std::mt19937 random(20240103);
  for (const Values values : {Values::kSiftLike, Values::kFewDistinct}) {
    for (const std::size_t many : {1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097, 8200}) {
      const Descriptors few = test::make_descriptors(values, 3, random);
      const Descriptors lots = test::make_descriptors(values, many, random);
      ASSERT_NO_FATAL_FAILURE(check(few, lots));
      ASSERT_NO_FATAL_FAILURE(check(lots, few));
    }
  }
}

TEST_P(EachKernel, GivesTheLowestIndexAmongEqualsWhereverTheyStand) {
  std::mt19937 random(20240104);
  const Descriptors query = test::make_descriptors(Values::kRandom, 60, random);
  for (const std::size_t first : {0, 5, 17, 100, 127, 128, 250}) {
    for (const std::size_t second : {251, 260, 267, 299}) {
      Descriptors train = test::make_descriptors(Values::kRandom, 300, random);
      for (const std::size_t at : {first, second}) {
        std::copy_n(query.view().row(42), kDescriptorSize,
                    train.bytes.begin() + static_cast<std::ptrdiff_t>(at * kDescriptorSize));
      }
      ASSERT_NO_FATAL_FAILURE(check(query, train));
      ASSERT_NO_FATAL_FAILURE(check(train, query));
    }
  }
}

TEST_P(EachKernel, CanBeUsedAgainAndLeavesNothingBehind) {
  std::mt19937 random(20240105);
  const Descriptors query = test::make_descriptors(Values::kSiftLike, 70, random);
  const auto matcher = GetParam().make_matcher(query.view());
  NearestNeighbours found;
  for (const std::size_t m : {200, 3, 0, 129, 1}) {
    const Descriptors train = test::make_descriptors(Values::kSiftLike, m, random);
    matcher->match(train.view(), found);
    ASSERT_EQ(found, test::reference_match(query.view(), train.view())) << m << " trains";
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachKernel, testing::ValuesIn(kernels().begin(), kernels().end()),
                         [](const auto& kernel) { return std::string(kernel.param.name); });

TEST(Kernels, AtLeastOneRuns) {
  bool any = false;
  for (const Kernel& kernel : kernels()) {
    any = any || kernel.supported();
  }
  EXPECT_TRUE(any) << "no kernel was tested";
}

TEST(Kernels, AreFoundByName) {
  for (const Kernel& kernel : kernels()) {
    EXPECT_EQ(find_kernel(kernel.name), &kernel);
  }
  EXPECT_EQ(find_kernel("abacus"), nullptr);
}

TEST(Kernels, TheFastestIsASupportedOne) {
  EXPECT_TRUE(fastest_kernel().supported());
  EXPECT_EQ(&fastest_kernel(), &fastest_kernel());
}

}  // namespace
}  // namespace bundle_match::matching

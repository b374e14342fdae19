// Distances of long vectors by every kernel that this CPU supports, against sums written out.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/distances.hpp"

#include "bundle_match/matching/kernel.hpp"
#include "each_kernel.hpp"
#include "matching_reference.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace bundle_match::matching {
namespace {

using test::Values;

struct Vectors {
  std::vector<std::uint8_t> bytes;
  std::size_t size;

  [[nodiscard]] VectorView view() const { return {bytes.data(), bytes.size() / size, size}; }
};

Vectors make_vectors(Values values, std::size_t rows, std::size_t size, std::mt19937& random) {
  return {test::make_descriptors(values, rows * size / kDescriptorSize, random).bytes, size};
}

std::vector<std::uint32_t> reference_distances(VectorView rows, VectorView columns) {
  std::vector<std::uint32_t> distances;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    for (std::size_t c = 0; c < columns.rows; ++c) {
      std::uint32_t sum = 0;
      for (std::size_t k = 0; k < rows.size; k += kDescriptorSize) {
        sum += test::reference_distance(rows.row(r) + k, columns.row(c) + k);
      }
      distances.push_back(sum);
    }
  }
  return distances;
}

class EachKernelsDistances : public test::WithEachKernel {
 protected:
  static void check(const Vectors& rows, const Vectors& columns) {
    std::vector<std::uint32_t> found{1, 2, 3};  // what was there is overwritten
    GetParam().make_distances(rows.view())->compute(columns.view(), found);
    ASSERT_EQ(found, reference_distances(rows.view(), columns.view()))
        << rows.view().rows << " x " << columns.view().rows << " vectors of " << rows.size;
  }
};

// Around the rows and columns of a tile.
TEST_P(EachKernelsDistances, AgreeWithTheReferenceAtEverySize) {
  std::mt19937 random(20261128);
  for (const std::size_t size : {std::size_t{128}, std::size_t{384}}) {
    for (const std::size_t n : {0, 1, 5, 6, 7, 12, 13, 31}) {
      for (const std::size_t m : {0, 1, 8, 15, 16, 17, 63, 64, 65}) {
        ASSERT_NO_FATAL_FAILURE(check(make_vectors(Values::kRandom, n, size, random),
                                      make_vectors(Values::kRandom, m, size, random)));
      }
    }
  }
}

TEST_P(EachKernelsDistances, HoldTheLargestValuesOfTheLongestVectors) {
  std::mt19937 random(20261129);
  for (const Values a : test::kAllValues) {
    for (const Values b : test::kAllValues) {
      ASSERT_NO_FATAL_FAILURE(check(make_vectors(a, 7, kLongestVector, random),
                                    make_vectors(b, 17, kLongestVector, random)));
    }
  }
}

TEST_P(EachKernelsDistances, AreComputedAnewForOtherColumns) {
  std::mt19937 random(20261130);
  const Vectors rows = make_vectors(Values::kSiftLike, 9, 256, random);
  const auto distances = GetParam().make_distances(rows.view());
  std::vector<std::uint32_t> found;
  for (const std::size_t m : {70, 3, 71}) {
    const Vectors columns = make_vectors(Values::kRandom, m, 256, random);
    distances->compute(columns.view(), found);
    EXPECT_EQ(found, reference_distances(rows.view(), columns.view()));
  }
}

TEST_P(EachKernelsDistances, RefuseSizesThatDoNotFit) {
  const std::vector<std::uint8_t> bytes(2 * kLongestVector);
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, kLongestVector + 128}) {
    EXPECT_THROW(static_cast<void>(GetParam().make_distances({bytes.data(), 1, size})),
                 std::invalid_argument);
  }
  std::vector<std::uint32_t> found;
  EXPECT_THROW(
      GetParam().make_distances({bytes.data(), 1, 256})->compute({bytes.data(), 1, 128}, found),
      std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Distances, EachKernelsDistances, testing::ValuesIn(kernels()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace bundle_match::matching

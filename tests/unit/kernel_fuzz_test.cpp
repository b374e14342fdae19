// Random small cases on all supported kernels at once, against the independent reference. To repeat
// a failure: the seed is fixed and printed, the number of the case as well.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/kernel.hpp"
#include "matching_reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>

namespace bundle_match::matching {
namespace {

constexpr std::uint32_t kSeed = 4711;
constexpr int kCases = 10'000;
constexpr std::uint32_t kMaxRows = 40;

TEST(KernelFuzz, TenThousandRandomCasesGiveTheReferencesResult) {
  std::cout << "seed " << kSeed << ", " << kCases << " cases\n";
  std::mt19937 random(kSeed);
  const auto any_values = [&] { return test::kAllValues[random() % std::size(test::kAllValues)]; };
  int kernels_run = 0;
  for (int number = 0; number < kCases; ++number) {
    const auto query = test::make_descriptors(any_values(), random() % (kMaxRows + 1), random);
    auto train = test::make_descriptors(any_values(), random() % (kMaxRows + 1), random);
    if (random() % 2 == 0) {  // some rows in common: distance 0 and ties
      const std::size_t common = std::min(query.bytes.size(), train.bytes.size());
      std::copy_n(query.bytes.begin(), common, train.bytes.begin());
    }
    const NearestNeighbours expected = test::reference_match(query.view(), train.view());
    for (const Kernel& kernel : kernels()) {
      if (kernel.supported()) {
        NearestNeighbours found;
        kernel.make_matcher(query.view())->match(train.view(), found);
        ASSERT_EQ(found == expected, true)
            << kernel.name << ", seed " << kSeed << ", case " << number << ": " << query.view().rows
            << " x " << train.view().rows;
        ++kernels_run;
      }
    }
  }
  EXPECT_GE(kernels_run, kCases) << "no kernel was tested";
}

}  // namespace
}  // namespace bundle_match::matching

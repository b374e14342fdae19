// Lists of references as ranges.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/reference_list.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

namespace bundle_match {
namespace {

using Ranges = std::vector<ReferenceRange>;

std::vector<ReferenceIndex> members(const ReferenceList& list) {
  return {list.begin(), list.end()};
}

TEST(ReferenceList, VisitsRangesOneAfterAnother) {
  const ReferenceList list(Ranges{{2_reference, 2}, {7_reference, 1}, {9_reference, 3}});
  const std::vector<ReferenceIndex> expected{2_reference, 3_reference,  7_reference,
                                             9_reference, 10_reference, 11_reference};
  EXPECT_EQ(members(list), expected);
  EXPECT_EQ(list.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(list.at(i), expected[i]);
    EXPECT_EQ(list.position_of(expected[i]), i);
  }
  EXPECT_THROW((void)list.at(expected.size()), std::out_of_range);
  for (const ReferenceIndex other : {1_reference, 4_reference, 8_reference, 12_reference}) {
    EXPECT_EQ(list.position_of(other), std::nullopt);
  }
}

TEST(ReferenceList, MayBeEmpty) {
  EXPECT_TRUE(ReferenceList().empty());
  EXPECT_EQ(ReferenceList(5_reference, 0), ReferenceList());
  EXPECT_TRUE(members(ReferenceList()).empty());
  EXPECT_THROW((void)ReferenceList().at(0), std::out_of_range);
}

TEST(ReferenceList, HasParts) {
  const ReferenceList list(Ranges{{2_reference, 2}, {7_reference, 1}, {9_reference, 3}});
  const std::vector<ReferenceIndex> all = members(list);
  for (std::size_t first = 0; first <= all.size() + 1; ++first) {
    for (std::size_t count = 0; count <= all.size() + 1; ++count) {
      std::vector<ReferenceIndex> expected;
      for (std::size_t i = first; i < all.size() && i - first < count; ++i) {
        expected.push_back(all[i]);
      }
      EXPECT_EQ(members(list.view().part(first, count)), expected) << first << " " << count;
    }
  }
}

TEST(ReferenceList, RefusesRangesThatAreNotInOrder) {
  constexpr auto kLast = ReferenceIndex(0xffffffff);
  EXPECT_THROW(ReferenceList(Ranges{{2_reference, 0}}), std::invalid_argument);
  EXPECT_THROW(ReferenceList(Ranges{{2_reference, 2}, {3_reference, 1}}), std::invalid_argument);
  EXPECT_THROW(ReferenceList(Ranges{{2_reference, 2}, {4_reference, 1}}), std::invalid_argument)
      << "they are one range";
  EXPECT_THROW(ReferenceList(Ranges{{2_reference, 2}, {1_reference, 1}}), std::invalid_argument);
  EXPECT_THROW(ReferenceList(Ranges{{kLast, 2}}), std::invalid_argument);
  EXPECT_EQ(ReferenceList(Ranges{{kLast, 1}}).at(0), kLast);
}

}  // namespace
}  // namespace bundle_match

// Groups of images by what connects them.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/image_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bundle_match::results {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ImageGrouping, ConnectsOverImagesBetween) {
  ImageGrouping grouping;
  grouping.connect("d", "e");
  grouping.connect("a", "b");
  grouping.connect("c", "f");
  grouping.connect("f", "b");
  EXPECT_THAT(grouping.groups(),
              ElementsAre(ElementsAre("a", "b", "c", "f"), ElementsAre("d", "e")));
}

TEST(ImageGrouping, IsTheSameHoweverOftenAndInWhateverDirectionTheyAreConnected) {
  ImageGrouping grouping;
  for (int i = 0; i < 2; ++i) {
    grouping.connect("a", "b");
    grouping.connect("b", "a");
  }
  EXPECT_THAT(grouping.groups(), ElementsAre(ElementsAre("a", "b")));
}

TEST(ImageGrouping, HasNoGroupOfOne) {
  ImageGrouping grouping;
  EXPECT_THAT(grouping.groups(), IsEmpty());
  grouping.connect("a", "a");
  EXPECT_THAT(grouping.groups(), IsEmpty());
}

TEST(ImageGrouping, FollowsLongChains) {
  ImageGrouping grouping;
  constexpr int kImages = 100000;
  for (int i = kImages - 1; i > 0; --i) {
    grouping.connect(std::to_string(i - 1), std::to_string(i));
  }
  ASSERT_EQ(grouping.groups().size(), 1U);
  EXPECT_EQ(grouping.groups()[0].size(), kImages);
}

TEST(ImageGroupsCsv, HasALineAnImage) {
  EXPECT_EQ(groups_as_csv({{"a", "b,c"}, {"d", "e"}}),
            "group,images,path\r\n1,2,a\r\n1,2,\"b,c\"\r\n2,2,d\r\n2,2,e\r\n");
  EXPECT_EQ(groups_as_csv({}), "group,images,path\r\n");
}

}  // namespace
}  // namespace bundle_match::results

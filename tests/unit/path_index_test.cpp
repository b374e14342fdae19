// Every path is found where it stands, and no other.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/path_index.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bundle_match {
namespace {

using Positions = std::vector<ImageIndex>;

Positions positions(PathIndex& index, std::string_view path) {
  Positions found;
  index.for_each(path, [&](ImageIndex image) { found.push_back(image); });
  std::sort(found.begin(), found.end());
  return found;
}

TEST(PathIndex, FindsNothingInAnEmptyList) {
  const PathList paths;
  PathIndex index(paths);
  EXPECT_EQ(positions(index, "a.png"), Positions{});
  EXPECT_EQ(positions(index, ""), Positions{});
}

TEST(PathIndex, FindsEveryPositionOfAPathThatIsListedMoreThanOnce) {
  PathList paths;
  for (const char* path : {"a", "b", "a", "", "a"}) {
    paths.add(path);
  }
  PathIndex index(paths);
  EXPECT_EQ(positions(index, "a"), (Positions{0_image, 2_image, 4_image}));
  EXPECT_EQ(positions(index, "b"), (Positions{1_image}));
  EXPECT_EQ(positions(index, ""), (Positions{3_image}));
  EXPECT_EQ(positions(index, "c"), Positions{});
}

TEST(PathIndex, TellsPathsApartByAllTheirBytes) {
  PathList paths;
  paths.add("folder/a.png");
  paths.add(std::string_view("folder/a.png\0", 13));
  paths.add("folder/A.png");
  paths.add("folder/a.pn");
  paths.add("\xff\xfe");
  PathIndex index(paths);
  for (const ImageIndex image : first_ids<ImageIndex>(paths.size())) {
    EXPECT_EQ(positions(index, paths[image.value()]), Positions{image});
  }
}

// At sizes about the powers of two, where the table grows.
TEST(PathIndex, FindsAllOfManyAndNoneThatIsNotListed) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 63U, 64U, 65U, 5000U}) {
    PathList paths;
    for (std::size_t i = 0; i < size; ++i) {
      paths.add("images/" + std::to_string(i) + ".jpg");
    }
    PathIndex index(paths);
    for (const ImageIndex image : first_ids<ImageIndex>(size)) {
      ASSERT_EQ(positions(index, paths[image.value()]), Positions{image}) << size;
      ASSERT_EQ(positions(index, "other/" + std::to_string(image.value())), Positions{}) << size;
    }
  }
}

TEST(PathIndex, FindsPathsInAnyOrderOfAsking) {
  constexpr std::size_t kSize = 1000;
  PathList paths;
  for (std::size_t i = 0; i < kSize; ++i) {
    paths.add(std::to_string(i));
  }
  PathIndex index(paths);
  for (const std::size_t step : {1U, 3U, 7U, 9U, 501U, 993U, 997U, 999U}) {  // coprime to the size
    for (std::size_t i = 0; i < kSize; ++i) {
      const ImageIndex image(i * step % kSize);
      ASSERT_EQ(positions(index, paths[image.value()]), Positions{image}) << step;
    }
  }
}

}  // namespace
}  // namespace bundle_match

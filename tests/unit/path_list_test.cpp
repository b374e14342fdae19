// The list of paths: bytes in, the same bytes out.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/path_list.hpp"

#include <gtest/gtest.h>

namespace bundle_match {
namespace {

using namespace std::string_view_literals;

TEST(PathList, IsEmptyAtFirst) {
  const PathList paths;
  EXPECT_TRUE(paths.empty());
  EXPECT_EQ(paths.size(), 0U);
}

TEST(PathList, GivesBackEveryByte) {
  const std::vector<std::string> given = {"a.png",
                                          "",
                                          "with space",
                                          "new\nline",
                                          std::string("nul\0byte"sv),
                                          "\xff\xfe\x80.p",
                                          "-r",
                                          "",
                                          "a.png",
                                          std::string(100000, 'x'),
                                          "last"};
  PathList paths;
  for (const std::string& path : given) {
    paths.add(path);
  }
  EXPECT_FALSE(paths.empty());
  ASSERT_EQ(paths.size(), given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(paths[i], given[i]) << "path " << i;
  }
}

TEST(PathList, MayBeginWithAnEmptyPath) {
  PathList paths;
  paths.add("");
  paths.add("b");
  EXPECT_EQ(paths[0], "");
  EXPECT_EQ(paths[1], "b");
}

}  // namespace
}  // namespace bundle_match

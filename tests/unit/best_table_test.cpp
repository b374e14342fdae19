// The table of the best images: order, alignment, and paths that are too long.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/best_table.hpp"

#include "support/id_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bundle_match::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

TEST(Shorten, CutsTheMiddle) {
  EXPECT_EQ(shorten("short.jpg", 9), "short.jpg");
  EXPECT_EQ(shorten("0123456789", 9), "012...789");
  EXPECT_EQ(shorten("0123456789", 8), "01...789");
  EXPECT_EQ(shorten("", 8), "");
}

TEST(Shorten, CountsCharactersNotBytes) {
  EXPECT_EQ(shorten("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 8), "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
  const std::string nine =
      "\xc3\xa4\xc3\xb6\xc3\xbc"
      "456\xc3\xa4\xc3\xb6\xc3\xbc";
  EXPECT_EQ(shorten(nine, 8), "\xc3\xa4\xc3\xb6...\xc3\xa4\xc3\xb6\xc3\xbc");
}

class BestTable : public testing::Test {
 protected:
  void add(std::string_view path, std::vector<PairOutcome> outcomes) {
    ImageResult report;
    report.outcomes = std::move(outcomes);
    results_.record(results_.add_computer({}), ImageIndex(images_.size()), report);
    images_.add(path);
  }
  [[nodiscard]] std::vector<std::string> lines(bool inliers, std::size_t columns) const {
    return best_table(results_, references_, images_, inliers, columns);
  }

  WorkPlan plan_{20, 1};
  results::ResultTable results_{plan_};
  PathList references_;
  PathList images_;
};

TEST_F(BestTable, HasTheBestFirst) {
  references_.add("ref.jpg");
  EXPECT_THAT(lines(false, 80), IsEmpty());
  add("a.jpg", {{3, 2, {}, {}, {}}});
  add("b.jpg", {{1234, 1, {}, {}, {}}});
  EXPECT_THAT(lines(false, 80),
              ElementsAre(" matches  image", "    1234  b.jpg", "       3  a.jpg"));
  EXPECT_THAT(lines(true, 80), ElementsAre(" matches   inliers  image", "       3         2  a.jpg",
                                           "    1234         1  b.jpg"));
}

TEST_F(BestTable, HasTenRowsAtMost) {
  references_.add("ref.jpg");
  for (std::uint32_t i = 0; i < 15; ++i) {
    add("x", {{i, 0, {}, {}, {}}});
  }
  EXPECT_THAT(lines(false, 80), SizeIs(11));
  EXPECT_EQ(lines(false, 80)[1], "      14  x");
}

TEST_F(BestTable, FitsTheTerminalAndHasNoControlCharacters) {
  references_.add("ref.jpg");
  add("folder/" + std::string(200, 'x') + "/line\nbreak.jpg", {{3, 2, {}, {}, {}}});
  for (const std::size_t columns : {40U, 80U, 100U}) {
    EXPECT_THAT(lines(true, columns)[1], SizeIs(columns));
    EXPECT_TRUE(lines(true, columns)[1].ends_with("k.jpg"));
    EXPECT_EQ(lines(true, columns)[1].find('\n'), std::string::npos);
  }
  EXPECT_THAT(lines(true, 1)[1], SizeIs(Le(40U))) << "narrower than that is no use";
}

TEST(BestTablePairs, NamesBothImages) {
  const WorkPlan plan(1, 2);
  results::ResultTable results(plan);
  PathList references;
  references.add("left.jpg");
  references.add("right.jpg");
  PathList images;
  images.add("image.jpg");
  ImageResult report;
  report.outcomes = {{1, 0, {}, {}, {}}, {2, 0, {}, {}, {}}};
  results.record(results.add_computer({}), 0_image, report);
  EXPECT_THAT(best_table(results, references, images, false, 80),
              ElementsAre(" matches  pair", "       2  image.jpg  right.jpg",
                          "       1  image.jpg  left.jpg"));
}

}  // namespace
}  // namespace bundle_match::app

// The rows that a page can hold, of however many.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/report/row_collector.hpp"

#include "support/id_literals.hpp"
#include "support/report_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace bundle_match::report {
namespace {

using test::collected;
using test::failed_row;
using test::ok_row;
using testing::ElementsAre;

std::vector<std::uint32_t> matches_of(const CollectedRows& rows) {
  std::vector<std::uint32_t> matches;
  for (const Row& row : rows.rows) {
    matches.push_back(row.matches);
  }
  return matches;
}

TEST(RowCollectorTest, KeepsTheBestAndTheFirstFailures) {
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < 100; ++i) {
    rows.push_back(i % 10 == 3 ? failed_row(ImageIndex(i), "bad")
                               : ok_row(ImageIndex(i), i * 37 % 100));
  }
  const CollectedRows kept = collected(rows, 100, {5, 2, 400});
  EXPECT_EQ(kept.total, 100U);
  EXPECT_EQ(kept.by_status[1], 10U);
  EXPECT_THAT(matches_of(kept), ElementsAre(0, 96, 0, 99, 95, 98, 97));  // 0: the failures 3, 13
  EXPECT_EQ(kept.histogram.size(), 90U);
}

TEST(RowCollectorTest, PutsImagesTogetherAlongTheInput) {
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < 10; ++i) {
    rows.push_back(i == 9 ? failed_row(ImageIndex(i), "bad") : ok_row(ImageIndex(i), i));
  }
  const CollectedRows kept = collected(rows, 10, {100, 100, 4});
  ASSERT_EQ(kept.order.size(), 4U);  // of three images each, and the last
  EXPECT_EQ(kept.order[1].first, 3_image);
  EXPECT_EQ(kept.order[1].least, 3U);
  EXPECT_EQ(kept.order[1].most, 5U);
  EXPECT_EQ(kept.order[1].sum, 12U);
  EXPECT_EQ(kept.order[3].images, 1U);
  EXPECT_EQ(kept.order[3].matched, 0U);
}

TEST(RowCollectorTest, CountsBothImagesOfAPair) {
  RowCollector collector(2, true, {0_image, 1_image});
  Row row = ok_row(1_image, 8);
  row.reference = 0_reference;
  collector.add(row);
  const CollectedRows kept = collector.finish();
  EXPECT_EQ(kept.best_of.at(0_image).matches, 8U);
  EXPECT_EQ(kept.best_of.at(1_image).matches, 8U);
  EXPECT_THROW(collected({ok_row(2_image, 1)}, 2), std::out_of_range);
}

TEST(RowCollectorTest, HasRoundBins) {
  EXPECT_EQ(round_width(0, 40), 1U);
  EXPECT_EQ(round_width(39, 40), 1U);
  EXPECT_EQ(round_width(40, 40), 2U);
  EXPECT_EQ(round_width(199, 40), 5U);
  EXPECT_EQ(round_width(5000, 40), 200U);
}

}  // namespace
}  // namespace bundle_match::report

// Records of pairs as fields of a line: which make one, and which make none.
// SPDX-License-Identifier: Apache-2.0
#include "journal_line.hpp"
#include "journal_pairs.hpp"
#include "support/all_pairs_run.hpp"
#include "support/image_results.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::results {
namespace {

using Kind = JournalRecord::Kind;
using Fields = std::vector<std::string>;
using test::outcome;

// The fields with one of them changed.
Fields with_field(Fields fields, std::size_t i, std::string value) {
  fields.at(i) = std::move(value);
  return fields;
}

class NumberedPairs : public testing::Test {
 protected:
  NumberedPairs() {
    EXPECT_TRUE(reader_.take_number({"N", "7", "a"}));
    EXPECT_TRUE(reader_.take_number({"N", "1", "r1"}));
    EXPECT_TRUE(reader_.take_number({"N", "2", "r2"}));
    EXPECT_TRUE(reader_.take_number({"N", "3", "r3"}));
  }

  [[nodiscard]] bool is_record(const Fields& fields) const {
    return reader_.record(fields).has_value();
  }

  PairReader reader_;
  const Fields pairs_ = {"M", "7", "ok", "4 5", "7.5",
                         "",  "",  "",   "1-2", checksum({"r1\0r2\0a\0", 8})};
};

TEST_F(NumberedPairs, AreRefusedIfTheFieldsMakeNone) {
  ASSERT_TRUE(is_record(pairs_));
  EXPECT_EQ(reader_.record(pairs_)->references, (Fields{"r1", "r2"}));
  EXPECT_TRUE(is_record(with_field(pairs_, 8, "1 2")));
  EXPECT_TRUE(reader_.record(with_field(pairs_, 2, "crashed"))->report.outcomes.empty());
  for (const char* const image : {"", "8", "1", "-7", " 7", "7 ", "x", "4294967303"}) {
    EXPECT_FALSE(is_record(with_field(pairs_, 1, image))) << image;
  }
  for (const char* const references :
       {"",      "1",   "2-1",          "1-1 2",      "1-3",          "2 1",         "1-",
        "-2",    "-",   "1--2",         "1 2 ",       " 1 2",         "1  2",        "1,2",
        "1-2 4", "0-2", "1-4294967295", "4294967295", "4294967297 2", "1-4294967298"}) {
    EXPECT_FALSE(is_record(with_field(pairs_, 8, references))) << references;
  }
  EXPECT_FALSE(is_record(with_field(pairs_, 9, "")));
  EXPECT_FALSE(is_record(with_field(pairs_, 9, checksum("r1r2a"))));
  EXPECT_FALSE(is_record(with_field(pairs_, 2, "")));
  EXPECT_FALSE(is_record(with_field(pairs_, 3, "4")));
  EXPECT_FALSE(is_record(with_field(pairs_, 3, "4 5 6")));
  EXPECT_FALSE(is_record(with_field(pairs_, 4, "soon")));
  EXPECT_FALSE(is_record(with_field(pairs_, 6, "1")));
  EXPECT_FALSE(is_record(with_field(pairs_, 7, "- 1")));
  for (std::size_t fields = 1; fields < 20; ++fields) {
    auto other = pairs_;
    other.resize(fields, "1");
    EXPECT_EQ(is_record(other), fields == pairs_.size()) << fields;
  }
}

TEST_F(NumberedPairs, HaveNumbersOnlyFromTheirOwnRecords) {
  for (const Fields& fields : std::vector<Fields>{{"N"},
                                                  {"N", "1"},
                                                  {"N", "x", "a"},
                                                  {"N", "-1", "a"},
                                                  {"N", "1", "a", "b"},
                                                  {"N", "4294967296", "a"},
                                                  {"M", "1", "a"},
                                                  {"A", "1", "a"}}) {
    EXPECT_FALSE(reader_.take_number(fields)) << fields[0];
  }
  EXPECT_TRUE(is_record(pairs_)) << "a number was lost";
  EXPECT_TRUE(reader_.take_number({"N", "1", "another"}));
  EXPECT_FALSE(is_record(pairs_)) << "the path is another one";
}

TEST(JournalPairs, AreReadAsEarlierVersionsWroteThem) {
  const Fields pairs = {"T", "a", "ok", "4 5", "7.5", "", "", "", "r\n1", "r2"};
  const PairReader reader;
  const auto record = reader.record(pairs);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->kind, Kind::pairs);
  EXPECT_EQ(record->path, "a");
  EXPECT_EQ(record->references, (Fields{"r\n1", "r2"}));
  EXPECT_EQ(record->report.outcomes, (std::vector<PairOutcome>{outcome(4), outcome(5)}));
  EXPECT_EQ(record->report.elapsed_ms.match, 7.5F);
  ASSERT_TRUE(reader.record(with_field(pairs, 2, "crashed")));
  EXPECT_TRUE(reader.record(with_field(pairs, 2, "crashed"))->report.outcomes.empty());
  for (std::size_t fields = 1; fields < 20; ++fields) {
    auto other = pairs;
    other.resize(fields, "r");
    EXPECT_EQ(reader.record(other).has_value(), fields == pairs.size()) << fields;
    other[fields > 2 ? 2 : 0] = "crashed";
    EXPECT_EQ(reader.record(other).has_value(), fields > 8) << fields;
  }
  EXPECT_FALSE(reader.record(with_field(pairs, 2, "")));
  EXPECT_FALSE(reader.record(with_field(pairs, 3, "4")));
  EXPECT_FALSE(reader.record(with_field(pairs, 4, "soon")));
  EXPECT_FALSE(reader.record(with_field(pairs, 6, "1")));
  EXPECT_FALSE(reader.record(with_field(pairs, 7, "- 1")));
}

}  // namespace
}  // namespace bundle_match::results

// Records of pairs: paths by number, and that damage never makes a pair of others.
// SPDX-License-Identifier: Apache-2.0
#include "journal_pairs.hpp"

#include "journal_line.hpp"
#include "support/all_pairs_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::results {
namespace {

using Kind = JournalRecord::Kind;
using testing::HasSubstr;
using Fields = std::vector<std::string>;
using test::AllPairsRun;
using test::check_pairs;
using test::outcome;
using test::report_of;

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// The records of pairs that the lines make, as a journal's reader takes them.
std::vector<JournalRecord> read(PairReader& reader, const std::vector<std::string>& lines) {
  std::vector<JournalRecord> records;
  for (const std::string& line : lines) {
    const auto fields = journal_fields(line);
    if (auto record = fields ? reader.record(*fields) : std::nullopt) {
      records.push_back(std::move(*record));
    } else if (fields) {
      (void)reader.take_number(*fields);
    }
  }
  return records;
}

std::vector<JournalRecord> read(const std::string& text) {
  PairReader reader;
  return read(reader, split_lines(text));
}

std::size_t count_of(const std::string& text, std::string_view kind) {
  std::size_t count = 0;
  for (const std::string& line : split_lines(text)) {
    count += line.substr(16).starts_with(kind) ? 1 : 0;
  }
  return count;
}

TEST(JournalPairs, AreKept) {
  ImageResult report =
      report_of({outcome(5), outcome(0), outcome(20, 16, std::vector<double>(9, 0.5))});
  report.elapsed_ms.match = 3.25F;
  PairWriter writer;
  const auto records = read(writer.lines("a.png", report, {"r\n1", "", "r3"}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].kind, Kind::pairs);
  EXPECT_EQ(records[0].path, "a.png");
  EXPECT_EQ(records[0].report, report);
  EXPECT_EQ(records[0].references, (Fields{"r\n1", "", "r3"}));
}

TEST(JournalPairs, AreKeptOfAnyStatus) {
  for (const auto status : {ImageStatus::ok, ImageStatus::unreadable, ImageStatus::too_large,
                            ImageStatus::timed_out, ImageStatus::crashed, ImageStatus::failed}) {
    ImageResult report;
    report.status = status;
    report.reason = "no result\twithin 3 s";
    PairWriter writer;
    const auto records = read(writer.lines("a", report, {"r1", "r2"}));
    if (status == ImageStatus::ok) {
      EXPECT_TRUE(records.empty()) << "it would need outcomes";
    } else {
      ASSERT_EQ(records.size(), 1U);
      EXPECT_EQ(records[0].report, report);
      EXPECT_EQ(records[0].references, (Fields{"r1", "r2"}));
    }
  }
}

TEST(JournalPairs, HaveEachPathOnce) {
  PairWriter writer;
  const std::string first = writer.lines("c", report_of({outcome(1), outcome(2)}), {"a", "b"});
  EXPECT_EQ(count_of(first, "\tN\t"), 3U);
  EXPECT_THAT(first, HasSubstr("\tM\t2\tok\t1 2\t0\t\t\t\t0-1\t"));
  const std::string again =
      writer.lines("d", report_of(std::vector(3, outcome(1))), {"a", "b", "c"});
  EXPECT_EQ(count_of(again, "\tN\t"), 1U);
  EXPECT_THAT(again, HasSubstr("\tM\t3\tok\t1 1 1\t0\t\t\t\t0-2\t"));
  const auto records = read(first + again);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].path, "d");
  EXPECT_EQ(records[1].references, (Fields{"a", "b", "c"}));
}

TEST(JournalPairs, MayHaveTheSamePathTwiceAndWithItself) {
  PairWriter writer;
  const auto records =
      read(writer.lines("a", report_of(std::vector(3, outcome(1))), {"b", "a", "b"}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].path, "a");
  EXPECT_EQ(records[0].references, (Fields{"b", "a", "b"}));
}

std::string lines_of(const AllPairsRun& run, TaskId id, PairWriter& writer) {
  std::string lines;
  run.write(id, [&](const auto&... arguments) { lines = writer.lines(arguments...); });
  return lines;
}

TEST(JournalPairs, OfATaskHaveFewRangesInWhateverOrderTheyCome) {
  const AllPairsRun run(400, "photos");
  std::vector<TaskId> order(run.plan().task_count());
  std::iota(order.begin(), order.end(), TaskId(0));
  std::mt19937 random(1);
  for (std::size_t i = 0; i < order.size(); ++i) {  // many ranks at work at a time
    std::swap(order[i], order[i + random() % std::min<std::size_t>(100, order.size() - i)]);
  }
  PairWriter writer;
  std::string text;
  for (const TaskId id : order) {
    text += lines_of(run, id, writer);
  }
  std::size_t pairs = 0;
  for (const JournalRecord& record : read(text)) {
    pairs += check_pairs(record);
  }
  EXPECT_EQ(pairs, run.plan().pairs());
  EXPECT_LE(count_of(text, "\tN\t"), 4 * run.plan().images());
  for (const std::string& line : split_lines(text)) {
    const Fields fields = *journal_fields(line);
    if (fields[0] == "M") {
      const auto references = 1 + std::count(fields[3].begin(), fields[3].end(), ' ');
      const auto ranges = 1 + std::count(fields[8].begin(), fields[8].end(), ' ');
      ASSERT_LE(ranges, 1 + references / 8) << fields[8];
    }
  }
}

// Without one of the lines there are fewer pairs, and those that are left are right.
TEST(JournalPairs, LoseOnlyWhatADamagedLineIsNeededFor) {
  const AllPairsRun run(12, "photos");
  PairWriter writer;
  std::string text;
  for (TaskId id; id.value() < run.plan().task_count(); ++id) {
    text += lines_of(run, id, writer);
  }
  const std::vector<std::string> lines = split_lines(text);
  for (std::size_t lost = 0; lost < lines.size(); ++lost) {
    SCOPED_TRACE(lines[lost]);
    std::vector<std::string> rest = lines;
    rest[lost][20] ^= 1;
    PairReader reader;
    const auto records = read(reader, rest);
    const auto fields = *journal_fields(lines[lost]);
    std::size_t needed = 1;  // for that many records
    if (fields[0] == "N") {
      // Of an image with all before it, and of all images after it.
      const std::size_t image = std::stoul(fields[1]);
      needed = run.plan().images() - std::max<std::size_t>(image, 1);
    }
    EXPECT_EQ(records.size(), run.plan().task_count() - needed);
    for (const JournalRecord& record : records) {
      check_pairs(record);
    }
  }
}

TEST(JournalPairs, AreNotTakenForThoseOfAnEarlierRunsNumbers) {
  const AllPairsRun before(5, "before");
  const AllPairsRun now(5, "now");
  PairWriter writer;
  std::string first;
  for (TaskId id; id.value() < before.plan().task_count(); ++id) {
    first += lines_of(before, id, writer);
  }
  writer.clear();
  std::vector<std::string> lines = split_lines(first);
  std::size_t whole = read(first).size();
  for (TaskId id; id.value() < now.plan().task_count(); ++id) {
    for (const std::string& line : split_lines(lines_of(now, id, writer))) {
      if ((*journal_fields(line))[0] == "M") {  // all the other ones are lost
        lines.push_back(line);
      }
    }
  }
  EXPECT_GT(lines.size(), split_lines(first).size());
  PairReader reader;
  EXPECT_EQ(read(reader, lines).size(), whole);
}

// The fields with one of them changed.
Fields with(Fields fields, std::size_t i, std::string value) {
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
  EXPECT_TRUE(is_record(with(pairs_, 8, "1 2")));
  EXPECT_TRUE(reader_.record(with(pairs_, 2, "crashed"))->report.outcomes.empty());
  for (const char* const image : {"", "8", "1", "-7", " 7", "7 ", "x", "4294967303"}) {
    EXPECT_FALSE(is_record(with(pairs_, 1, image))) << image;
  }
  for (const char* const references :
       {"",      "1",   "2-1",          "1-1 2",      "1-3",          "2 1",         "1-",
        "-2",    "-",   "1--2",         "1 2 ",       " 1 2",         "1  2",        "1,2",
        "1-2 4", "0-2", "1-4294967295", "4294967295", "4294967297 2", "1-4294967298"}) {
    EXPECT_FALSE(is_record(with(pairs_, 8, references))) << references;
  }
  EXPECT_FALSE(is_record(with(pairs_, 9, "")));
  EXPECT_FALSE(is_record(with(pairs_, 9, checksum("r1r2a"))));
  EXPECT_FALSE(is_record(with(pairs_, 2, "")));
  EXPECT_FALSE(is_record(with(pairs_, 3, "4")));
  EXPECT_FALSE(is_record(with(pairs_, 3, "4 5 6")));
  EXPECT_FALSE(is_record(with(pairs_, 4, "soon")));
  EXPECT_FALSE(is_record(with(pairs_, 6, "1")));
  EXPECT_FALSE(is_record(with(pairs_, 7, "- 1")));
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
  ASSERT_TRUE(reader.record(with(pairs, 2, "crashed")));
  EXPECT_TRUE(reader.record(with(pairs, 2, "crashed"))->report.outcomes.empty());
  for (std::size_t fields = 1; fields < 20; ++fields) {
    auto other = pairs;
    other.resize(fields, "r");
    EXPECT_EQ(reader.record(other).has_value(), fields == pairs.size()) << fields;
    other[fields > 2 ? 2 : 0] = "crashed";
    EXPECT_EQ(reader.record(other).has_value(), fields > 8) << fields;
  }
  EXPECT_FALSE(reader.record(with(pairs, 2, "")));
  EXPECT_FALSE(reader.record(with(pairs, 3, "4")));
  EXPECT_FALSE(reader.record(with(pairs, 4, "soon")));
  EXPECT_FALSE(reader.record(with(pairs, 6, "1")));
  EXPECT_FALSE(reader.record(with(pairs, 7, "- 1")));
}

}  // namespace
}  // namespace bundle_match::results

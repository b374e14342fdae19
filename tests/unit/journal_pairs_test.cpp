// Records of pairs: paths by number, and that damage never makes a pair of others.
// SPDX-License-Identifier: Apache-2.0
#include "journal_pairs.hpp"

#include "journal_line.hpp"
#include "support/all_pairs_run.hpp"
#include "support/image_results.hpp"

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

// Paths with numbers from that one on.
std::vector<NumberedPath> numbered(std::uint32_t first,
                                   const std::vector<std::string_view>& paths) {
  std::vector<NumberedPath> with_numbers;
  with_numbers.reserve(paths.size());
  for (const std::string_view path : paths) {
    with_numbers.push_back({first++, path});
  }
  return with_numbers;
}

TEST(JournalPairs, AreKept) {
  ImageResult report =
      report_of({outcome(5), outcome(0), outcome(20, 16, std::vector<double>(9, 0.5))});
  report.elapsed_ms.match = 3.25F;
  PairWriter writer;
  const auto records = read(writer.lines({9, "a.png"}, report, numbered(0, {"r\n1", "", "r3"})));
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
    const auto records = read(writer.lines({2, "a"}, report, numbered(0, {"r1", "r2"})));
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
  const std::string first =
      writer.lines({2, "c"}, report_of({outcome(1), outcome(2)}), numbered(0, {"a", "b"}));
  EXPECT_EQ(count_of(first, "\tN\t"), 3U);
  EXPECT_THAT(first, HasSubstr("\tM\t2\tok\t1 2\t0\t\t\t\t0-1\t"));
  const std::string again =
      writer.lines({3, "d"}, report_of(std::vector(3, outcome(1))), numbered(0, {"a", "b", "c"}));
  EXPECT_EQ(count_of(again, "\tN\t"), 1U);
  EXPECT_THAT(again, HasSubstr("\tM\t3\tok\t1 1 1\t0\t\t\t\t0-2\t"));
  const auto records = read(first + again);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].path, "d");
  EXPECT_EQ(records[1].references, (Fields{"a", "b", "c"}));
}

TEST(JournalPairs, MayHaveTheSamePathTwiceAndWithItself) {
  PairWriter writer;
  const auto records = read(writer.lines({0, "a"}, report_of(std::vector(3, outcome(1))),
                                         {{1, "b"}, {0, "a"}, {1, "b"}}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].path, "a");
  EXPECT_EQ(records[0].references, (Fields{"b", "a", "b"}));
}

std::string lines_of(const AllPairsRun& run, TaskId id, PairWriter& writer) {
  std::string lines;
  run.write(id, [&](const auto&... arguments) { lines = writer.lines(arguments...); });
  return lines;
}

TEST(JournalPairs, TakeLittleRoomInWhateverOrderTheyCome) {
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
  EXPECT_EQ(count_of(text, "\tN\t"), run.plan().images());
  for (const std::string& line : split_lines(text)) {
    const Fields fields = *journal_fields(line);
    if (fields[0] == "M") {
      ASSERT_EQ(fields[8].find(' '), std::string::npos) << "those of a task follow each other";
    }
  }
}

TEST(JournalPairs, OfAnyImagesHaveTheirNumbersOneByOne) {
  PairWriter writer;
  const auto records = read(writer.lines({9, "a"}, report_of(std::vector(4, outcome(1))),
                                         {{1, "b"}, {2, "c"}, {5, "d"}, {7, "e"}}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].references, (Fields{"b", "c", "d", "e"}));
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

}  // namespace
}  // namespace bundle_match::results

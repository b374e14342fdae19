// Lines of the journal: back and forth, and damage.
// SPDX-License-Identifier: Apache-2.0
#include "journal_line.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bundle_match::results {
namespace {

using Kind = JournalRecord::Kind;

// The fields of a line that was written, as read back.
std::optional<std::vector<std::string>> back(const std::string& line) {
  EXPECT_TRUE(line.ends_with('\n'));
  return journal_fields(std::string_view(line).substr(0, line.size() - 1));
}

ImageReport a_report() {
  ImageReport report;
  report.status = ImageStatus::timed_out;
  report.matches = 172;
  report.keypoints = std::numeric_limits<std::uint32_t>::max();
  report.width = 640;
  report.height = 480;
  report.elapsed_ms = {0.1F, 48.75F, 1e-7F};
  report.reason = "no result within 3 s\n(--timeout)\t\\";
  return report;
}

TEST(JournalLine, IsOneLineWhateverTheFieldsHold) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) {
    all_bytes += static_cast<char>(byte);
  }
  const std::string line = journal_line({"A", all_bytes, "", "\\t", "\\\\n\\"});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\r'), std::string::npos);
  EXPECT_EQ(back(line), (std::vector<std::string>{"A", all_bytes, "", "\\t", "\\\\n\\"}));
}

TEST(JournalLine, IsReadableByPeople) {
  const std::string line = journal_line({"A", "photos/a\tb.png"});
  EXPECT_EQ(line.substr(16), "\tA\tphotos/a\\tb.png\n");
  EXPECT_EQ(line.substr(0, 16).find_first_not_of("0123456789abcdef"), std::string::npos);
}

// Journals outlive versions of the program: what was written stays what it is.
TEST(JournalLine, HasTheChecksumItAlwaysHad) {
  EXPECT_EQ(journal_line({"S"}), "9a02c3d901b79e61\tS\n");
  EXPECT_EQ(journal_line({"E"}), "0e8f40a1f8210724\tE\n");
}

TEST(JournalLine, WithAnyByteChangedIsDamaged) {
  const std::string line = result_line("photos/a.png", a_report(), {3, "node7", "avx2"});
  const std::string whole = line.substr(0, line.size() - 1);
  ASSERT_TRUE(journal_fields(whole));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_FALSE(journal_fields(damaged)) << i << ' ' << bit;
    }
    EXPECT_FALSE(journal_fields(whole.substr(0, i))) << i;
    EXPECT_FALSE(journal_fields(whole.substr(0, i) + whole.substr(i + 1))) << i;
  }
  EXPECT_FALSE(journal_fields(whole + '0'));
  EXPECT_FALSE(journal_fields(whole + whole));
}

TEST(JournalLine, KeepsAResult) {
  const Computer computer{1234, "node7.cluster", "avx512vnni256"};
  const auto fields = back(result_line("photos/a\nb.png", a_report(), computer));
  ASSERT_TRUE(fields);
  const auto record = journal_record(*fields);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->kind, Kind::result);
  EXPECT_EQ(record->path, "photos/a\nb.png");
  EXPECT_EQ(record->report, a_report());
  EXPECT_EQ(record->computer, computer);
}

TEST(JournalLine, KeepsEveryStatus) {
  for (const auto status : {ImageStatus::ok, ImageStatus::unreadable, ImageStatus::too_large,
                            ImageStatus::timed_out, ImageStatus::crashed, ImageStatus::failed}) {
    ImageReport report;
    report.status = status;
    const auto record = journal_record(*back(result_line("a", report, {})));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->report.status, status);
  }
}

TEST(JournalLine, KeepsTheOtherKinds) {
  EXPECT_EQ(journal_record({"S"})->kind, Kind::start);
  EXPECT_EQ(journal_record({"E"})->kind, Kind::end);
  EXPECT_EQ(journal_record({"A", "a.png"})->kind, Kind::assigned);
  EXPECT_EQ(journal_record({"A", "a.png"})->path, "a.png");
  const auto died = journal_record({"D", "a.png", "signal 11"});
  ASSERT_TRUE(died);
  EXPECT_EQ(died->kind, Kind::died);
  EXPECT_EQ(died->path, "a.png");
  EXPECT_EQ(died->report.reason, "signal 11");
}

TEST(JournalLine, RefusesFieldsThatMakeNoRecord) {
  const std::vector<std::string> result = {"R", "a", "ok", "1",  "2", "3", "4",
                                           "5", "6", "7",  "-1", "h", "k", ""};
  ASSERT_TRUE(journal_record(result));
  for (std::size_t i = 0; i < result.size(); ++i) {
    auto fewer = result;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(journal_record(fewer)) << i;
  }
  for (const std::size_t number : {3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U}) {
    for (const char* wrong : {"", "x", "1x", " 1", "99999999999999999999999"}) {
      auto fields = result;
      fields[number] = wrong;
      // A float takes the large one.
      if (!(number >= 7 && number <= 9 && std::string_view(wrong).size() > 3)) {
        EXPECT_FALSE(journal_record(fields)) << number << ' ' << wrong;
      }
    }
  }
  auto negative = result;
  negative[3] = "-1";
  EXPECT_FALSE(journal_record(negative));
  auto status = result;
  status[2] = "okay";
  EXPECT_FALSE(journal_record(status));
  for (const std::vector<std::string>& fields : std::vector<std::vector<std::string>>{
           {""}, {"X"}, {"S", "x"}, {"A"}, {"A", "a", "b"}, {"D", "a"}, {"P", "a", "b"}}) {
    EXPECT_FALSE(journal_record(fields)) << fields[0];
  }
}

TEST(JournalLine, ReadsParameters) {
  EXPECT_EQ(journal_parameters({"P", "nfeatures", "5000", "cross-check", "mutual"}),
            (RunParameters{{"nfeatures", "5000"}, {"cross-check", "mutual"}}));
  EXPECT_FALSE(journal_parameters({"P", "nfeatures"}));
  EXPECT_FALSE(journal_parameters({"S"}));
}

}  // namespace
}  // namespace bundle_match::results

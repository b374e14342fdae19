// Lines of the journal: back and forth, and damage.
// SPDX-License-Identifier: Apache-2.0
#include "journal_line.hpp"

#include "support/id_literals.hpp"
#include "support/image_results.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::results {
namespace {

using Kind = JournalRecord::Kind;
using test::outcome;

// The fields of a line that was written, as read back.
std::optional<std::vector<std::string>> back(const std::string& line) {
  EXPECT_TRUE(line.ends_with('\n'));
  return journal_fields(std::string_view(line).substr(0, line.size() - 1));
}

ImageResult a_report() {
  ImageResult report;
  report.outcomes = {outcome(172)};
  report.keypoints = std::numeric_limits<std::uint32_t>::max();
  report.width = 640;
  report.height = 480;
  report.elapsed_ms = {0.1F, 48.75F, 1e-7F};
  report.reason = "truncated\n(in row 3)\t\\";
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

TEST(JournalLine, TellsARankThatIsNotKnownAsMinus1) {
  const auto fields = back(result_line("a.png", a_report(), {std::nullopt, "node7", "avx2"}));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->at(10), "-1");
  const auto record = journal_record(*fields);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->computer.rank, std::nullopt);
}

TEST(JournalLine, WithAnyByteChangedIsDamaged) {
  const std::string line = result_line("photos/a.png", a_report(), {3_rank, "node7", "avx2"});
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
  const Computer computer{1234_rank, "node7.cluster", "avx512vnni256"};
  const auto fields = back(result_line("photos/a\nb.png", a_report(), computer));
  ASSERT_TRUE(fields);
  const auto record = journal_record(*fields);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->kind, Kind::result);
  EXPECT_EQ(record->path, "photos/a\nb.png");
  EXPECT_EQ(record->report, a_report());
  EXPECT_EQ(record->computer, computer);
}

// What came of the image with these references, as read back.
std::optional<JournalRecord> kept(const std::vector<PairOutcome>& outcomes) {
  ImageResult report;
  report.outcomes = outcomes;
  return journal_record(*back(result_line("a", report, {})));
}

TEST(JournalLine, KeepsOutcomes) {
  const std::vector<double> model = {1, -0.1, 1e-300, 0.1 + 0.2, 0, 1.7976931348623157e308,
                                     5, 6,    7};
  for (const auto& outcomes : std::vector<std::vector<PairOutcome>>{
           {},
           {outcome(0)},
           {outcome(0), outcome(4294967295), outcome(3)},
           {outcome(3), outcome(9, 7), outcome(0)},
           {outcome(20, 16, model)},
           {outcome(20), outcome(30, 0, model), outcome(40, 39, model), outcome(0)}}) {
    const auto record = kept(outcomes);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->report.outcomes, outcomes);
  }
}

TEST(JournalLine, KeepsNoOutcomesOfAFailure) {
  ImageResult report = a_report();
  report.status = ImageStatus::crashed;
  const auto record = journal_record(*back(result_line("a", report, {})));
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->report.outcomes.empty());
  EXPECT_EQ(record->report.reason, report.reason);
}

TEST(JournalLine, KeepsEveryStatus) {
  for (const auto status : {ImageStatus::ok, ImageStatus::unreadable, ImageStatus::too_large,
                            ImageStatus::timed_out, ImageStatus::crashed, ImageStatus::failed}) {
    ImageResult report;
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

TEST(JournalLine, KeepsPositionsToTheBit) {
  for (const GeoPosition position :
       {GeoPosition{51.500699999999995, -0.1246}, {-90, 180}, {1e-300, 1.0 / 3}}) {
    const auto record = journal_record(back(position_line("a b.jpg", position)).value());
    ASSERT_TRUE(record);
    EXPECT_EQ(record->kind, Kind::position);
    EXPECT_EQ(record->path, "a b.jpg");
    EXPECT_EQ(record->position, position);
  }
  const auto nowhere = journal_record(back(position_line("a", std::nullopt)).value());
  ASSERT_TRUE(nowhere);
  EXPECT_EQ(nowhere->kind, Kind::position);
  EXPECT_FALSE(nowhere->position);
}

// As versions wrote it that knew one reference and no geometry; of a failure, too.
const std::vector<std::string> kFormerResult = {"R", "a", "ok", "1",  "2", "3", "4",
                                                "5", "6", "7",  "-1", "h", "k", "why"};

TEST(JournalLine, ReadsResultsOfFormerVersions) {
  const auto record = journal_record(kFormerResult);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->report.outcomes, std::vector<PairOutcome>{outcome(1)});
  EXPECT_EQ(record->report.keypoints, 2U);
  EXPECT_EQ(record->report.reason, "why");
  EXPECT_EQ(record->computer, (Computer{std::nullopt, "h", "k"}));
  auto failure = kFormerResult;
  failure[2] = "crashed";
  failure[3] = "0";
  const auto failed = journal_record(failure);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->report.status, ImageStatus::crashed);
  EXPECT_TRUE(failed->report.outcomes.empty());
}

// The fields with one of them changed.
std::vector<std::string> with(std::vector<std::string> fields, std::size_t i, std::string value) {
  fields.at(i) = std::move(value);
  return fields;
}

TEST(JournalLine, RefusesFieldsThatMakeNoResult) {
  auto now = kFormerResult;
  now.insert(now.end(), {"0", "-"});
  ASSERT_TRUE(journal_record(now));
  for (const auto& result : {kFormerResult, now}) {
    for (std::size_t fields = 1; fields < 20; ++fields) {
      auto other = result;
      other.resize(fields, "0");
      EXPECT_EQ(journal_record(other).has_value(), fields == 14 || (fields == 16 && result == now))
          << fields;
    }
    for (const std::size_t number : {3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U}) {
      for (const char* wrong : {"", "x", "1x", " 1", "99999999999999999999999"}) {
        // A float takes the large one; an image may have no outcomes.
        const bool right = (number >= 7 && number <= 9 && std::string_view(wrong).size() > 3) ||
                           (number == 3 && *wrong == '\0' && result == kFormerResult);
        EXPECT_EQ(journal_record(with(result, number, wrong)).has_value(), right)
            << number << ' ' << wrong;
      }
    }
    EXPECT_FALSE(journal_record(with(result, 3, "-1")));
    EXPECT_FALSE(journal_record(with(result, 2, "okay")));
  }
}

TEST(JournalLine, RefusesOutcomesThatDoNotAgree) {
  auto result = kFormerResult;
  result.insert(result.end(), {"2 0", "- 1,2,3,4,5,6,7,8,9"});
  result[3] = "4 5";
  ASSERT_TRUE(journal_record(result));
  for (const char* matches : {"4", "4 5 6", "4 5 ", " 4 5", "4  5", "4 x", "4 -5", ""}) {
    EXPECT_FALSE(journal_record(with(result, 3, matches))) << matches;
  }
  for (const char* inliers : {"4", "4 5 6", "4 5 ", "4  5", "4 x", "-", " "}) {
    EXPECT_FALSE(journal_record(with(result, 14, inliers))) << inliers;
  }
  for (const char* models : {"-", "- - -", "- ", "- 1,2,3,4,5,6,7,8", "- 1,2,3,4,5,6,7,8,9,10",
                             "- 1,2,3,4,5,6,7,8,", "- 1,2,3,4,5,6,7,8,x", "-- -", " "}) {
    EXPECT_FALSE(journal_record(with(result, 15, models))) << models;
  }
  EXPECT_TRUE(journal_record(with(result, 14, "")));
  EXPECT_TRUE(journal_record(with(result, 15, "")));
}

TEST(JournalLine, RefusesOtherFields) {
  for (const std::vector<std::string>& fields :
       std::vector<std::vector<std::string>>{{""},
                                             {"X"},
                                             {"S", "x"},
                                             {"A"},
                                             {"A", "a", "b"},
                                             {"D", "a"},
                                             {"P", "a", "b"},
                                             {"G"},
                                             {"G", "a", "1"},
                                             {"G", "a", "1", "x"},
                                             {"G", "a", "nan", "1"},
                                             {"G", "a", "91", "1"},
                                             {"G", "a", "1", "2", "3"}}) {
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

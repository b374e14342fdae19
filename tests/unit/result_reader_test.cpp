// Rows that were written are read back; what is damaged is told with its line.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_reader.hpp"

#include "support/id_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::results {
namespace {

const std::vector<std::string> kPaths = {
    "plain.jpg",         "comma, and \"quote\".jpg", "two\r\nlines.jpg", "back\\slash.jpg",
    "no utf-8 \xff.jpg", "count at the end 12",      "\\starts so"};

std::string written(const WriteOptions& options) {
  const Computer computer{3_rank, "node1", "avx2"};
  std::string bytes = header(options);
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    ImageResult image;
    PairResult pair;
    pair.matches = static_cast<std::uint32_t>(100 + i);
    pair.inliers = 7;
    pair.model = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    image.keypoints = 500;
    image.width = 64;
    image.height = 48;
    image.elapsed_ms = {1, 2, 3};
    if (i == 1) {
      pair.status = ImageStatus::timed_out;
      pair.reason = "a, \"reason\"\nof two lines";
    }
    append_row(bytes, {"ref \xfe.png", kPaths[i], image, pair, computer}, options);
  }
  return bytes;
}

std::vector<ReadRow> read(std::string_view bytes, Format format) {
  std::vector<ReadRow> rows;
  read_rows(bytes, format, [&](const ReadRow& row) { rows.push_back(row); });
  return rows;
}

std::string why_not(std::string_view bytes, Format format) {
  try {
    (void)read(bytes, format);
    return "";
  } catch (const ReadError& error) {
    return error.what();
  }
}

void expect_rows(const std::vector<ReadRow>& rows) {
  ASSERT_EQ(rows.size(), kPaths.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].path, kPaths[i]);
    EXPECT_EQ(rows[i].reference, "ref \xfe.png");
    EXPECT_EQ(rows[i].pair.matches, i == 1 ? 0 : 100 + i);
    EXPECT_EQ(rows[i].pair.inliers, i == 1 ? 0U : 7U);
    EXPECT_EQ(rows[i].image.width, 64U);
  }
  EXPECT_EQ(rows[1].pair.status, ImageStatus::timed_out);
  EXPECT_EQ(rows[1].pair.reason, "a, \"reason\"\nof two lines");
}

TEST(ResultReaderTest, ReadsCsvBack) {
  const std::string bytes = written({Format::csv, false, true});
  EXPECT_EQ(format_of(bytes, "whatever"), Format::csv);
  EXPECT_TRUE(has_geometry(bytes, Format::csv));
  expect_rows(read(bytes, Format::csv));
  EXPECT_FALSE(has_geometry(written({Format::csv}), Format::csv));
}

TEST(ResultReaderTest, ReadsJsonlBack) {
  const std::string bytes = written({Format::jsonl, false, true});
  EXPECT_EQ(format_of(bytes, "whatever"), Format::jsonl);
  EXPECT_TRUE(has_geometry(bytes, Format::jsonl));
  const auto rows = read(bytes, Format::jsonl);
  expect_rows(rows);
  EXPECT_EQ(rows[0].image.elapsed_ms.sift, 2);
  EXPECT_EQ(rows[0].computer.rank, 3_rank);
  EXPECT_EQ(rows[0].computer.host, "node1");
}

TEST(ResultReaderTest, ReadsTextBack) {
  for (const bool null_terminated : {false, true}) {
    const std::string bytes = written({Format::text, null_terminated});
    EXPECT_EQ(format_of(bytes, "whatever"), Format::text);
    const auto rows = read(bytes, Format::text);
    ASSERT_EQ(rows.size(), kPaths.size() - 1);  // without the one that failed
    EXPECT_EQ(rows[0].path, kPaths[0]);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].path, kPaths[i + 1]);
      EXPECT_EQ(rows[i].pair.matches, 101 + i);
    }
  }
}

TEST(ResultReaderTest, KnowsAnEmptyFileByItsName) {
  EXPECT_EQ(format_of("", "counts.jsonl"), Format::jsonl);
  EXPECT_EQ(format_of("", "counts"), Format::text);
  EXPECT_TRUE(read("", Format::text).empty());
  EXPECT_NE(why_not("", Format::csv), "");
}

TEST(ResultReaderTest, RefusesAMatrix) {
  EXPECT_THROW((void)format_of("reference,a.jpg,b.jpg\r\nr.jpg,1,2\r\n", "m.csv"), ReadError);
}

TEST(ResultReaderTest, TellsWhereAFileIsDamaged) {
  const std::string csv = "reference,path,status,matches,keypoints,width,height,reason\r\n";
  EXPECT_EQ(why_not(csv + "r,\"a\nb\",ok,1,2,3,4,\r\nr,p,fine,1,2,3,4,\r\n", Format::csv),
            "line 4: 'fine' is not a status");
  EXPECT_EQ(why_not(csv + "r,p,ok,x1,2,3,4,\r\n", Format::csv), "line 2: 'x1' is not a number");
  EXPECT_EQ(why_not(csv + "r,p,ok,1\r\n", Format::csv), "line 2: 4 fields, not 8");
  EXPECT_EQ(why_not(csv + "r,\"p,ok,1,2,3,4,\r\n", Format::csv), "line 2: a quote is not closed");
  EXPECT_NE(why_not("not\r\nresults\r\n", Format::csv), "");
  EXPECT_NE(why_not("{\"path\":1}\n", Format::jsonl), "");
  EXPECT_EQ(why_not("a.jpg 1\nb.jpg", Format::text), "line 2: it ends in the middle");
  EXPECT_EQ(why_not("a.jpg\n", Format::text), "line 1: not a path and a count");
}

// Numbers of JSON are of any size and kind.
TEST(ResultReaderTest, RefusesNumbersThatDoNotFit) {
  const std::string row = written({Format::jsonl, false, true});
  const std::string first = row.substr(0, row.find('\n') + 1);
  ASSERT_EQ(why_not(first, Format::jsonl), "");
  const auto with = [&](const std::string& field, const std::string& number) {
    const auto at = first.find('"' + field + "\":") + field.size() + 3;
    const auto end = first.find_first_of(",}", at);
    return why_not(first.substr(0, at) + number + first.substr(end), Format::jsonl);
  };
  for (const char* const field : {"matches", "inliers", "keypoints", "width", "height"}) {
    EXPECT_EQ(with(field, "4294967295"), "") << field;
    for (const char* const number : {"4294967296", "-1", "1.5", "1e+55", "18446744073709551616"}) {
      EXPECT_THAT(with(field, number), testing::EndsWith("is not a number")) << field << number;
    }
    EXPECT_EQ(with(field, "\"7\""), "line 1: '\"7\"' is not a number");
  }
  EXPECT_EQ(with("rank", "-1"), "");
  EXPECT_EQ(with("rank", "2147483648"), "line 1: '2147483648' is not a number");
  EXPECT_EQ(with("rank", "1e+55"), "line 1: '1e+55' is not a number");
  EXPECT_EQ(with("sift", "7"), "");
  EXPECT_EQ(with("sift", "1e+55"), "line 1: '1e+55' is not a time");
  EXPECT_EQ(with("sift", "-1"), "line 1: '-1' is not a time");
}

// Cut off anywhere, a file is damaged, but at the end of a row.
TEST(ResultReaderTest, NoticesATornFile) {
  for (const Format format : {Format::csv, Format::jsonl, Format::text}) {
    const std::string bytes = written({format, false, true});
    std::size_t whole = 0;
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      whole += why_not(std::string_view(bytes).substr(0, size), format).empty() ? 1 : 0;
    }
    EXPECT_LE(whole, kPaths.size());
  }
}

}  // namespace
}  // namespace bundle_match::results

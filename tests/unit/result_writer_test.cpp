// Rows in the three formats, byte by byte.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_writer.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::results {
namespace {

using nlohmann::json;
using namespace std::string_view_literals;

constexpr WriteOptions kText{Format::text, false};
constexpr WriteOptions kNullText{Format::text, true};
constexpr WriteOptions kCsv{Format::csv, false};
constexpr WriteOptions kJsonl{Format::jsonl, false};
constexpr WriteOptions kCsvGeometry{Format::csv, false, true};
constexpr WriteOptions kJsonlGeometry{Format::jsonl, false, true};
constexpr WriteOptions kMatrix{Format::matrix};

const std::vector<double> kModel = {1, -0.5, 1e-7, 0.1 + 0.2, 1e22, 0, 0, -0.0, 1};

ImageResult ok_report() {
  ImageResult report;
  report.keypoints = 5000;
  report.width = 640;
  report.height = 480;
  report.elapsed_ms = {4.4F, 48.12345F, 16};
  return report;
}

ImageResult bad_report(ImageStatus status, std::string reason) {
  ImageResult report;
  report.status = status;
  report.reason = std::move(reason);
  return report;
}

std::string row(const PairResult& pair, const WriteOptions& options) {
  std::string out;
  append_row(out, {"ref.png", "a.png", ok_report(), pair, Computer{3_rank, "node7", "plain"}},
             options);
  return out;
}

// Of an image with one reference; it has 1234 matches.
std::string row(std::string_view path, const ImageResult& report, const WriteOptions& options,
                std::string_view reference = "ref.png") {
  std::string out;
  PairResult pair{report.status, report.reason};
  if (report.status == ImageStatus::ok) {
    pair.matches = 1234;
  }
  append_row(out, {reference, path, report, pair, Computer{3_rank, "node7", "plain"}}, options);
  return out;
}

TEST(Format, FollowsTheExtension) {
  EXPECT_EQ(format_from_file_name("counts.csv"), Format::csv);
  EXPECT_EQ(format_from_file_name("/a.txt/counts.jsonl"), Format::jsonl);
  EXPECT_EQ(format_from_file_name("counts.txt"), Format::text);
  EXPECT_EQ(format_from_file_name("x.csv.txt"), Format::text);
  for (const std::string_view name :
       {"", "-", "counts", "counts.json", "csv", "a.csv/b", "a.matrix"}) {
    EXPECT_EQ(format_from_file_name(name), std::nullopt) << name;
  }
}

TEST(Header, IsForCsvAlone) {
  EXPECT_EQ(header(kCsv), "reference,path,status,matches,keypoints,width,height,reason\r\n");
  EXPECT_EQ(header(kText), "");
  EXPECT_EQ(header(kNullText), "");
  EXPECT_EQ(header(kJsonl), "");
  EXPECT_EQ(header(kJsonlGeometry), "");
  EXPECT_EQ(header(kMatrix), "");
}

TEST(Header, HasTwoColumnsMoreWithGeometry) {
  EXPECT_EQ(header(kCsvGeometry),
            "reference,path,status,matches,keypoints,width,height,reason,inliers,model\r\n");
}

TEST(TextRow, IsPathAndCount) {
  EXPECT_EQ(row("a b/c \"d\".png", ok_report(), kText), "a b/c \"d\".png 1234\n");
  EXPECT_EQ(row("-x\t\xff.png", ok_report(), kText), "-x\t\xff.png 1234\n");
}

TEST(TextRow, IsEscapedAsSha256sumDoesIt) {
  EXPECT_EQ(row("new\nline", ok_report(), kText), "\\new\\nline 1234\n");
  EXPECT_EQ(row("back\\slash", ok_report(), kText), "\\back\\\\slash 1234\n");
  EXPECT_EQ(row("\r\\n\n", ok_report(), kText), "\\\\r\\\\n\\n 1234\n");
}

TEST(TextRow, EndsInNulUnescapedWithNull) {
  EXPECT_EQ(row("new\nline\\", ok_report(), kNullText), "new\nline\\ 1234\0"sv);
}

TEST(TextRow, IsLeftOutForAnImageThatWasNotMatched) {
  for (const ImageStatus status :
       {ImageStatus::unreadable, ImageStatus::too_large, ImageStatus::timed_out,
        ImageStatus::crashed, ImageStatus::failed}) {
    EXPECT_EQ(row("a.png", bad_report(status, "why"), kText), "");
    EXPECT_EQ(row("a.png", bad_report(status, "why"), kNullText), "");
  }
}

TEST(TextRow, IsThereForAnImageWithoutFeatures) {
  EXPECT_EQ(row(PairResult{}, kText), "a.png 0\n");
}

TEST(EscapePath, SaysWhetherThereWasAnythingToEscape) {
  EXPECT_FALSE(escape_path("plain \xff").escaped);
  EXPECT_EQ(escape_path("plain \xff").path, "plain \xff");
  EXPECT_TRUE(escape_path("a\nb").escaped);
  EXPECT_EQ(escape_path("a\nb\\\r").path, "a\\nb\\\\\\r");
  EXPECT_FALSE(escape_path("").escaped);
}

TEST(CsvRow, HoldsTheColumnsInOrder) {
  EXPECT_EQ(row("a.png", ok_report(), kCsv), "ref.png,a.png,ok,1234,5000,640,480,\r\n");
}

TEST(CsvRow, LeavesEmptyWhatIsNotKnown) {
  EXPECT_EQ(row("a.png", bad_report(ImageStatus::unreadable, "empty file"), kCsv),
            "ref.png,a.png,unreadable,,,,,empty file\r\n");
  ImageResult too_large = bad_report(ImageStatus::too_large, "needs 9 GB");
  too_large.width = 30000;
  too_large.height = 20000;
  EXPECT_EQ(row("a.png", too_large, kCsv), "ref.png,a.png,too-large,,,30000,20000,needs 9 GB\r\n");
}

TEST(CsvRow, QuotesAsRfc4180Says) {
  EXPECT_EQ(row("a,b", ok_report(), kCsv), "ref.png,\"a,b\",ok,1234,5000,640,480,\r\n");
  EXPECT_EQ(row("say \"x\"", ok_report(), kCsv),
            "ref.png,\"say \"\"x\"\"\",ok,1234,5000,640,480,\r\n");
  EXPECT_EQ(row("l1\nl2", ok_report(), kCsv), "ref.png,\"l1\nl2\",ok,1234,5000,640,480,\r\n");
  EXPECT_EQ(row("l1\rl2", ok_report(), kCsv), "ref.png,\"l1\rl2\",ok,1234,5000,640,480,\r\n");
  EXPECT_EQ(row("a", bad_report(ImageStatus::failed, "x, \"y\"\nz"), kCsv, "r,\""),
            "\"r,\"\"\",a,failed,,,,,\"x, \"\"y\"\"\nz\"\r\n");
  EXPECT_EQ(row("sp ace'\xff", ok_report(), kCsv), "ref.png,sp ace'\xff,ok,1234,5000,640,480,\r\n");
}

TEST(CsvRow, HasInliersAndModelWithGeometry) {
  const PairResult pair{ImageStatus::ok, "", 50, 16, kModel};
  EXPECT_EQ(row(pair, kCsvGeometry),
            "ref.png,a.png,ok,50,5000,640,480,,16,1 -0.5 1e-07 0.30000000000000004 1e+22 0 0 -0 "
            "1\r\n");
  EXPECT_EQ(row(pair, kCsv), "ref.png,a.png,ok,50,5000,640,480,\r\n");
}

TEST(CsvRow, HasNoModelIfThereIsNone) {
  EXPECT_EQ(row(PairResult{ImageStatus::ok, "", 50, 3}, kCsvGeometry),
            "ref.png,a.png,ok,50,5000,640,480,,3,\r\n");
  EXPECT_EQ(row(PairResult{ImageStatus::failed, "why"}, kCsvGeometry),
            "ref.png,a.png,failed,,,640,480,why,,\r\n");
}

// Of all pairs, the image may be fine and its reference not: the row is what the pair is.
TEST(CsvRow, HasTheStatusOfThePair) {
  EXPECT_EQ(row(PairResult{ImageStatus::crashed, "the reference: signal 11"}, kCsv),
            "ref.png,a.png,crashed,,,640,480,the reference: signal 11\r\n");
  EXPECT_EQ(row(PairResult{ImageStatus::crashed, "the reference: signal 11"}, kText), "");
}

TEST(JsonlRow, HoldsTheFieldsInOrder) {
  EXPECT_EQ(row("a.png", ok_report(), kJsonl),
            R"({"reference":"ref.png","path":"a.png","status":"ok","matches":1234,)"
            R"("keypoints":5000,"width":640,"height":480,"reason":"",)"
            R"("elapsed_ms":{"read":4.4,"sift":48.123,"match":16.0},)"
            R"("rank":3,"host":"node7","kernel":"plain"})"
            "\n");
}

TEST(JsonlRow, HasInliersAndModelWithGeometry) {
  const PairResult pair{ImageStatus::ok, "", 50, 16, kModel};
  const std::string line = row(pair, kJsonlGeometry);
  const std::string without = row(pair, kJsonl);
  EXPECT_EQ(line, without.substr(0, without.size() - 2) +
                      R"(,"inliers":16,"model":[[1.0,-0.5,1e-07],[0.30000000000000004,1e+22,0.0],)"
                      R"([0.0,-0.0,1.0]]})"
                      "\n");
}

TEST(JsonlRow, HasNullForAModelThatThereIsNot) {
  const json plain = json::parse(row(PairResult{ImageStatus::ok, "", 50, 3}, kJsonlGeometry));
  EXPECT_EQ(plain.at("inliers"), 3);
  EXPECT_TRUE(plain.at("model").is_null());
  const json failed = json::parse(row(PairResult{ImageStatus::failed, "why"}, kJsonlGeometry));
  EXPECT_TRUE(failed.at("inliers").is_null());
  EXPECT_TRUE(failed.at("model").is_null());
}

TEST(JsonlRow, HasNullForWhatIsNotKnown) {
  const json parsed =
      json::parse(row("a.png", bad_report(ImageStatus::timed_out, "no result"), kJsonl));
  EXPECT_EQ(parsed.at("status"), "timed-out");
  EXPECT_EQ(parsed.at("reason"), "no result");
  for (const char* field : {"matches", "keypoints", "width", "height"}) {
    EXPECT_TRUE(parsed.at(field).is_null()) << field;
  }
}

TEST(JsonlRow, IsOneLineWhateverThePath) {
  const std::string path("q\"\\\n\t\0\x1f\xc3\xa4"sv);
  const std::string line = row(path, ok_report(), kJsonl);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const json parsed = json::parse(line);
  EXPECT_EQ(parsed.at("path"), path);
  EXPECT_FALSE(parsed.contains("path_base64"));
}

// RFC 4648, section 10, has the paddings; the paths here end in a byte that is no UTF-8.
TEST(JsonlRow, HasBase64BesideAPathThatIsNotUtf8) {
  struct Example {
    std::string_view path;
    std::string_view base64;
  };
  constexpr Example kExamples[] = {{"\xff", "/w=="},
                                   {"f\xff", "Zv8="},
                                   {"fo\xff", "Zm//"},
                                   {"foo\xff", "Zm9v/w=="},
                                   {"\xfb\xef\xbe\xff\xff\xff", "++++////"}};
  for (const Example& example : kExamples) {
    // In memory of exactly its size, so that a sanitizer sees a read beyond it.
    const std::vector<char> exact(example.path.begin(), example.path.end());
    const json parsed =
        json::parse(row({exact.data(), exact.size()}, ok_report(), kJsonl, example.path));
    EXPECT_EQ(parsed.at("path_base64"), example.base64);
    EXPECT_EQ(parsed.at("reference_base64"), example.base64);
    EXPECT_TRUE(parsed.at("path").is_string());
  }
}

TEST(JsonlRow, TakesAReasonThatIsNotUtf8) {
  const json parsed = json::parse(row("a", bad_report(ImageStatus::failed, "bad \xff"), kJsonl));
  EXPECT_EQ(parsed.at("reason"), "bad \xef\xbf\xbd");
}

TEST(Rows, AreAppended) {
  std::string out = "before\n";
  const ImageResult report = ok_report();
  const PairResult pair{ImageStatus::ok, "", 12};
  append_row(out, {"r", "a", report, pair, Computer{}}, kText);
  append_row(out, {"r", "b", report, pair, Computer{}}, kText);
  append_row(out, {"r", "c", report, pair, Computer{}}, kMatrix);
  EXPECT_EQ(out, "before\na 12\nb 12\n");
}

}  // namespace
}  // namespace bundle_match::results

// The page of a run: that data cannot become markup, that its size is bounded, and what it says of
// odd runs. How it looks and works in a browser is tests/browser's business.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/report/report.hpp"

#include "grouping.hpp"
#include "support/id_literals.hpp"
#include "support/report_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::report {
namespace {

using nlohmann::json;
using test::collected;
using test::failed_row;
using test::ok_row;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kDataBegin = R"(<script type="application/json" id="data">)";

// What stands in the page's data element, as a browser would take it: up to the first end tag.
std::string data_text(const std::string& page) {
  const auto begin = page.find(kDataBegin) + kDataBegin.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

json pictures_of(const ReportData& data) {
  const std::string page = write_report(data);
  constexpr std::string_view kBegin = R"(id="pictures">)";
  const auto begin = page.find(kBegin) + kBegin.size();
  return json::parse(page.substr(begin, page.find("</script", begin) - begin));
}

json data_of(const ReportData& data) { return json::parse(data_text(write_report(data))); }

ReportData with_path(const std::string& path) {
  ReportData data;
  Row row = ok_row(0_image, 5);
  row.path = path;
  data.references.push_back(path);
  data.rows = collected({row}, 1);
  return data;
}

TEST(ReportTest, KeepsHostileTextsWithinTheData) {
  const std::string plain = write_report(with_path("a.jpg"));
  for (const std::string path :
       {"</script><script>alert(1)</script>", "<!--<script>", "\"'>&amp;", "]]>", "\xe2\x80\xa8"}) {
    ReportData data = with_path(path);
    data.title = path;
    data.summary = {path};
    data.parameters = {{path, path}};
    const std::string page = write_report(data);
    const json read = json::parse(data_text(page));
    EXPECT_EQ(read["images"]["path"][0], path);
    EXPECT_EQ(read["references"][0], path);
    EXPECT_EQ(read["title"], path);
    EXPECT_EQ(read["parameters"][0][1], path);
    // Around the data, the page is the same whatever they are.
    EXPECT_EQ(page.substr(0, page.find(kDataBegin)), plain.substr(0, plain.find(kDataBegin)));
    EXPECT_EQ(page.size() - data_text(page).size(), plain.size() - data_text(plain).size());
    EXPECT_THAT(data_text(page), Not(HasSubstr("<")));
  }
}

TEST(ReportTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(data_of(with_path("a\xff.jpg"))["images"]["path"][0], "a\xef\xbf\xbd.jpg");
  EXPECT_EQ(data_of(with_path(std::string("a\0b", 3)))["images"]["path"][0],
            std::string("a\0b", 3));
}

TEST(ReportTest, LetsNothingOfTheNetworkIn) {
  const std::string page = write_report({});
  EXPECT_THAT(page,
              HasSubstr("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(ReportTest, IsWrittenOfARunWithoutAnything) {
  const json data = data_of({});
  EXPECT_EQ(data["total"], 0);
  EXPECT_TRUE(data["images"]["path"].empty());
  EXPECT_TRUE(data["rows"]["status"].empty());
  EXPECT_TRUE(data["histogram"]["rows"].empty());
  EXPECT_TRUE(data["timeline"]["lanes"].empty());
}

TEST(ReportTest, WritesOfPathsWhatDiffersFromTheOneBefore) {
  ReportData data;
  std::vector<Row> rows;
  for (const char* path : {"a/b1.jpg", "a/b2.jpg", "a/\xc3\xa4.jpg", "a/\xc3\xb6.jpg", "c"}) {
    rows.push_back(ok_row(ImageIndex(rows.size()), 1));
    rows.back().path = path;
  }
  data.rows = collected(rows, rows.size());
  const json images = data_of(data)["images"];
  EXPECT_EQ(images["shared"], json({0, 3, 2, 2, 0}));  // never half a letter
  EXPECT_EQ(images["path"], json({"a/b1.jpg", "2.jpg", "\xc3\xa4.jpg", "\xc3\xb6.jpg", "c"}));
  EXPECT_FALSE(images.contains("index"));
}

TEST(ReportTest, NamesImagesThatAreNotAllThere) {
  ReportData data;
  data.references.push_back("r");
  data.references.push_back("s");
  data.rows = collected({ok_row(1_image, 5), ok_row(2_image, 6), ok_row(1_image, 7)}, 4);
  data.rows.rows[2].reference = 1_reference;
  const json read = data_of(data);
  EXPECT_EQ(read["images"]["index"], json({1, 2}));
  EXPECT_EQ(read["rows"]["image"], json({0, 1, 0}));
  EXPECT_EQ(read["rows"]["reference"], json({0, 0, 1}));
}

TEST(ReportTest, HoldsFailuresWithTheirReasons) {
  ReportData data;
  data.rows = collected({ok_row(0_image, 7), failed_row(1_image, "damaged")}, 2);
  const json read = data_of(data);
  EXPECT_EQ(read["statuses"][read["rows"]["status"][1].get<int>()], "unreadable");
  EXPECT_EQ(read["rows"]["reasons"], json({{"1", "damaged"}}));
  EXPECT_EQ(read["byStatus"][1], 1);
  EXPECT_TRUE(read["order"]["most"][1].is_null());
}

TEST(ReportTest, NamesPicturesByTheBestCountOfTheirImage) {
  ReportData data;
  RowCollector rows(3, false, {2_image, 1_image});
  for (const std::uint32_t matches : {4U, 9U, 6U}) {
    rows.add(ok_row(2_image, matches));
  }
  rows.add(failed_row(1_image, "damaged"));
  data.rows = rows.finish();
  data.thumbnails = {
      {2_image, 20, 10, "jpeg"}, {1_image, 20, 10, "j"}, {0_image, 20, 10, "not pictured"}};
  const json read = data_of(data)["thumbnails"];
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0]["path"], "image2");
  EXPECT_EQ(read[0]["matches"], 9);
  EXPECT_EQ(read[1]["status"], 1);
  EXPECT_EQ(pictures_of(data)["thumbnails"],
            json({"data:image/jpeg;base64,anBlZw==", "data:image/jpeg;base64,ag=="}));
}

TEST(ReportTest, LeavesOutPicturesBeyondTheLimits) {
  std::vector<ImageIndex> images(kMostThumbnails + 5);
  ReportData data;
  for (std::size_t i = 0; i < images.size(); ++i) {
    images[i] = ImageIndex(i);
    data.thumbnails.push_back({images[i], 1, 1, "x"});
    data.drawn.push_back({images[i], 0_reference, 1, 1, "x"});
  }
  RowCollector rows(images.size(), false, images);
  for (const ImageIndex image : images) {
    rows.add(ok_row(image, 1));
  }
  data.rows = rows.finish();
  const json read = data_of(data);
  EXPECT_EQ(read["thumbnails"].size(), kMostThumbnails);
  EXPECT_EQ(read["drawn"].size(), kMostDrawn);
}

Timeline timeline_of(std::int32_t ranks, std::int32_t ranks_of_host) {
  Timeline timeline;
  timeline.span_s = 10;
  timeline.bin_s = 5;
  for (std::int32_t i = 0; i < ranks; ++i) {
    RankTimeline& rank = timeline.ranks.emplace_back();
    rank.rank = Rank(i);
    rank.host = "host" + std::to_string(i / ranks_of_host);
    rank.images = 3;
    rank.busy_s = 5;
    rank.lent_s = 2.5;
    rank.bins = {{1, 3, 1, 0}, {0, 0, 0, 2.5}};
  }
  return timeline;
}

TEST(GroupingTest, ShowsFewRanksOneByOneHostsTogether) {
  Timeline timeline = timeline_of(4, 2);
  timeline.ranks[1].host = "host1";  // ranks dealt out in turn
  timeline.ranks[2].host = "host0";
  std::vector<std::string> labels;
  for (const TimelineLane& lane : lanes_of(timeline)) {
    labels.push_back(lane.host + " " + lane.label);
  }
  EXPECT_THAT(labels, ElementsAre("host0 rank 0", "host0 rank 2", "host1 rank 1", "host1 rank 3"));
}

TEST(GroupingTest, ShowsManyRanksByHost) {
  const auto lanes = lanes_of(timeline_of(100, 50));
  ASSERT_EQ(lanes.size(), 2U);
  EXPECT_EQ(lanes[1].label, "50 ranks");
  EXPECT_EQ(lanes[1].images, 150U);
  EXPECT_FLOAT_EQ(lanes[1].bins[0].sift, 150);
}

TEST(GroupingTest, PutsTheLastOfManyHostsTogether) {
  const auto lanes = lanes_of(timeline_of(1000, 2));
  ASSERT_EQ(lanes.size(), kMostRanksShown);
  EXPECT_EQ(lanes.back().host, "");
  EXPECT_EQ(lanes.back().label, "437 more hosts, 874 ranks");
}

TEST(ReportTest, SaysHowBusyRanksWere) {
  ReportData data;
  data.timeline = timeline_of(100, 50);
  const json lane = data_of(data)["timeline"]["lanes"][0];
  EXPECT_EQ(lane["share"], 0.5);
  EXPECT_EQ(lane["bins"], json({200, 600, 200, 0, 0, 0, 0, 500}));  // thousandths
  EXPECT_EQ(lane["lent"], 125);
}

TEST(ReportTest, TellsImagesFromReferencesThatAreNone) {
  ReportData data;
  data.timeline = timeline_of(1, 1);
  data.timeline.ranks[0].intervals = {{0, 1, 2_reference}, {1, 2.5, 7_image}};
  const json intervals = data_of(data)["timeline"]["lanes"][0]["intervals"];
  EXPECT_EQ(intervals, json({{0, 1, nullptr, 2}, {1, 2.5, 7}}));
}

TEST(ReportTest, BoundsTheIntervals) {
  ReportData data;
  data.timeline = timeline_of(2, 2);
  for (RankTimeline& rank : data.timeline.ranks) {
    rank.intervals.resize(kMostIntervals);
  }
  const json lanes = data_of(data)["timeline"]["lanes"];
  EXPECT_EQ(lanes[0]["intervals"].size() + lanes[1]["intervals"].size(), kMostIntervals);
}

}  // namespace
}  // namespace bundle_match::report

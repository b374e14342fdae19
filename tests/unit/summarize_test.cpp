// What the rows of a file say, of one reference, of several and of all pairs.
// SPDX-License-Identifier: Apache-2.0
#include "summarize/summarize.hpp"

#include "bundle_match/results/result_reader.hpp"
#include "summarize/groups.hpp"
#include "support/id_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bundle_match::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kHeader = "reference,path,status,matches,keypoints,width,height,reason\r\n";

TEST(SummarizeTest, CountsImagesAndNamesFailures) {
  const auto data = read_report(kHeader +
                                    "r.png,a.png,ok,5,9,4,4,\r\nr.png,b.png,ok,12,9,4,4,\r\n"
                                    "r.png,c.png,unreadable,,,,,\"no \"\"image\"\"\"\r\n"
                                    "r.png,a.png,ok,5,9,4,4,\r\n",
                                "counts.csv");
  EXPECT_EQ(data.rows.images, 4U);  // a path that is listed twice is two images
  const std::string text = summary_text(data);
  EXPECT_THAT(text, StartsWith("4 images: 3 ok, 1 unreadable\n"));
  EXPECT_THAT(text, HasSubstr("       12  b.png\n        5  a.png\n"));
  EXPECT_THAT(text, HasSubstr("  c.png: unreadable: no \"image\"\n"));
  EXPECT_THAT(text, Not(HasSubstr("Time by stage")));
}

TEST(SummarizeTest, TellsReferencesApart) {
  const auto data = read_report(kHeader +
                                    "r,a,ok,1,9,4,4,\r\nr,r,ok,2,9,4,4,\r\n"
                                    "s,a,ok,3,9,4,4,\r\ns,r,ok,4,9,4,4,\r\n",
                                "counts.csv");
  EXPECT_FALSE(data.among_images);
  EXPECT_EQ(data.rows.images, 2U);
  EXPECT_THAT(data.references, ElementsAre("r", "s"));
  EXPECT_THAT(summary_text(data), StartsWith("2 images, 2 references, 4 rows: 4 ok\n"));
  EXPECT_THAT(summary_text(data), HasSubstr("4  r with s\n"));
}

TEST(SummarizeTest, RecognizesAllPairs) {
  const auto data = read_report(
      kHeader + "a,b,ok,1,9,4,4,\r\na,c,ok,2,9,4,4,\r\nb,c,ok,3,9,4,4,\r\n", "pairs.csv");
  EXPECT_TRUE(data.among_images);
  EXPECT_THAT(data.references, ElementsAre("a", "b", "c"));
  EXPECT_EQ(data.rows.images, 3U);
  EXPECT_EQ(data.rows.rows.at(2).image, 2_image);
  EXPECT_EQ(data.rows.rows.at(2).reference, 1_reference);
  EXPECT_EQ(data.rows.order.at(0).most, 2U);  // a is in two pairs, never as the image
}

TEST(SummarizeTest, FindsGroupsByMatchesOrInliers) {
  const auto by_matches =
      find_groups(kHeader + "a,b,ok,30,9,4,4,\r\na,c,ok,2,9,4,4,\r\nd,d,ok,99,9,4,4,\r\n",
                  results::Format::csv, 30);
  EXPECT_EQ(by_matches.rule, "at least 30 matches");
  EXPECT_THAT(by_matches.groups, ElementsAre(ElementsAre("a", "b")));
  const auto by_inliers = find_groups(
      "reference,path,status,matches,keypoints,width,height,reason,inliers,model\r\n"
      "a,b,ok,30,9,4,4,,3,\r\na,c,ok,20,9,4,4,,12,\r\n",
      results::Format::csv, 10);
  EXPECT_EQ(by_inliers.rule, "at least 10 inliers");
  EXPECT_THAT(by_inliers.groups, ElementsAre(ElementsAre("a", "c")));
  EXPECT_THAT(groups_text(by_inliers), HasSubstr("by at least 10 inliers: 1, with 2 images\n"));
  EXPECT_THROW((void)find_groups("a.png 30\n", results::Format::text, 10), results::ReadError);
}

TEST(SummarizeTest, ShowsTheFirstOfManyGroupsAndImages) {
  FoundGroups found{"a rule", {}};
  for (int group = 0; group < 600; ++group) {
    found.groups.emplace_back(80, "image");
  }
  EXPECT_THAT(groups_text(found), HasSubstr("and 70 more\n"));
  EXPECT_THAT(groups_text(found), HasSubstr("and 580 more groups"));
  const report::ImageGroups page = report_groups(found);
  EXPECT_EQ(page.total, 600U);
  EXPECT_EQ(page.shown.size(), report::kMostGroups);
  EXPECT_EQ(page.shown[0].images, 80U);
  EXPECT_EQ(page.shown[0].paths.size(), report::kMostImagesOfGroup);
}

TEST(SummarizeTest, AddsUpTheTimeOfEachImageOnce) {
  std::string bytes;
  for (const char* reference : {"r", "s"}) {
    bytes += std::string("{\"reference\":\"") + reference +
             "\",\"path\":\"a\",\"status\":\"ok\",\"matches\":1,\"keypoints\":1,\"width\":1,"
             "\"height\":1,\"reason\":\"\",\"elapsed_ms\":{\"read\":1000,\"sift\":2000,\"match\":"
             "1000},\"rank\":0,\"host\":\"h\",\"kernel\":\"k\"}\n";
  }
  EXPECT_THAT(summary_text(read_report(bytes, "x.jsonl")), HasSubstr("  SIFT     2.00 s, 50 %\n"));
}

TEST(SummarizeTest, ShowsNoLineBreaksOfPaths) {
  const auto data = read_report(kHeader + "r,\"a\nb\",ok,1,9,4,4,\r\n", "counts.csv");
  EXPECT_THAT(summary_text(data), HasSubstr("        1  a\\nb\n"));
}

TEST(SummarizeTest, HasLittleToSayOfNothing) {
  EXPECT_EQ(summary_text(read_report("", "counts.txt")), "0 images: 0 ok\n");
}

}  // namespace
}  // namespace bundle_match::app

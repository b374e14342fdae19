// Thumbnails and drawn matches: sizes, bounds, and that what is drawn is where it belongs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/drawing/drawing.hpp"

#include "bundle_match/drawing/jpeg_size.hpp"
#include "support/synthetic_images.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include <limits>
#include <string>
#include <vector>

namespace bundle_match::drawing {
namespace {

using test::textured_image;

cv::Mat decode(const std::string& bytes) {
  return cv::imdecode(std::vector<char>(bytes.begin(), bytes.end()), cv::IMREAD_UNCHANGED);
}

// White, so that a colour is what is drawn on it.
Panel white(int width, int height) {
  return make_panel(cv::Mat(height, width, CV_8UC1, cv::Scalar(255)));
}

bool is_orange(const cv::Vec3b& bgr) { return bgr[2] > bgr[1] + 10 && bgr[1] > bgr[0] + 10; }
bool is_blue(const cv::Vec3b& bgr) { return bgr[0] > bgr[2] + 20; }

template <class Is>
int count(const cv::Mat& picture, Is is) {
  int pixels = 0;
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      pixels += is(picture.at<cv::Vec3b>(y, x)) ? 1 : 0;
    }
  }
  return pixels;
}

TEST(Thumbnail, IsAJpegWhoseLongestSideFits) {
  struct Example {
    cv::Size image;
    cv::Size thumbnail;
  };
  for (const Example& example : {Example{{640, 480}, {240, 180}},
                                 {{480, 640}, {180, 240}},
                                 {{240, 100}, {240, 100}},
                                 {{30, 20}, {30, 20}},
                                 {{1, 1}, {1, 1}},
                                 {{4000, 2}, {240, 1}},
                                 {{1, 3000}, {1, 240}}}) {
    const std::string bytes =
        thumbnail(textured_image(example.image.width, example.image.height, 1), 240);
    EXPECT_TRUE(bytes.starts_with("\xff\xd8\xff"));
    EXPECT_EQ(decode(bytes).size(), example.thumbnail) << example.image;
    EXPECT_EQ(decode(bytes).channels(), 1);
  }
}

TEST(Thumbnail, IsBoundedWhateverTheImage) {
  cv::Mat noise(512, 512, CV_8UC1);
  cv::RNG(7).fill(noise, cv::RNG::UNIFORM, 0, 256);
  ASSERT_GT(thumbnail(noise, 300).size(), kMostThumbnailBytes / 2) << "noise is no challenge";
  for (const int longest_px : {240, 300, 400, 512}) {
    EXPECT_LE(thumbnail(noise, longest_px).size(), kMostThumbnailBytes) << longest_px;
  }
}

TEST(Thumbnail, LooksLikeTheImage) {
  const cv::Mat image = textured_image(240, 180, 3);
  EXPECT_LT(cv::norm(decode(thumbnail(image, 240)), image, cv::NORM_L1) / (240 * 180), 12);
}

TEST(DrawMatches, PutsTheImagesSideBySideWithinTheBounds) {
  for (const cv::Size left : {cv::Size(40, 30), {5000, 300}, {300, 5000}, {1, 1}, {9000, 9000}}) {
    for (const cv::Size right : {cv::Size(30, 40), {4000, 3000}, {1, 2000}}) {
      const Panel reference = white(left.width, left.height);
      const Panel image = white(right.width, right.height);
      EXPECT_EQ(reference.original, left);
      const cv::Mat picture = draw_matches(reference, image, {});
      EXPECT_LE(picture.cols, kMostPictureWidth_px);
      EXPECT_LE(picture.rows, kMostPictureHeight_px);
      EXPECT_EQ(picture.type(), CV_8UC3);
    }
  }
  EXPECT_EQ(draw_matches(white(40, 30), white(30, 44), {}).rows, 44)
      << "small ones stay as they are";
}

TEST(DrawMatches, ConnectsWhatMatches) {
  // The right one is shrunk to a quarter.
  const Panel reference = white(100, 100);
  const Panel image = white(3184, 400);
  const std::vector<DrawnMatch> matches = {{{20, 30}, {399.5F, 199.5F}, true}};
  const cv::Mat picture = draw_matches(reference, image, matches);
  ASSERT_EQ(picture.size(), cv::Size(100 + 8 + 796, 100));
  const auto at = [&](int x, int y) { return picture.at<cv::Vec3b>(y, x); };
  EXPECT_TRUE(is_orange(at(20, 30)));
  EXPECT_TRUE(is_orange(at(108 + 99, 50)) || is_orange(at(108 + 100, 50)));
  // Every column between the ends has the line, none beyond has anything.
  // The dots are a few pixels wide.
  for (int x = 0; x < picture.cols; ++x) {
    if (x < 16 || x > 212) {
      EXPECT_EQ(count(picture.col(x), is_orange), 0) << x;
    } else if (x >= 20 && x <= 207) {
      EXPECT_GT(count(picture.col(x), is_orange), 0) << x;
    }
  }
  EXPECT_EQ(count(picture, is_blue), 0);
}

TEST(DrawMatches, TellsInliersFromOthersWhichAreBelow) {
  const Panel panel = white(200, 200);
  const std::vector<DrawnMatch> matches = {
      {{20, 100}, {180, 100}, true}, {{20, 50}, {180, 50}, false}, {{20, 100}, {180, 100}, false}};
  const cv::Mat picture = draw_matches(panel, panel, matches);
  EXPECT_GT(count(picture.row(100), is_orange), 100);
  EXPECT_EQ(count(picture.row(100), is_blue), 0);
  EXPECT_GT(count(picture.row(50), is_blue), 100);
  EXPECT_EQ(count(picture.row(50), is_orange), 0);
}

TEST(DrawMatches, DrawsSomeLinesOfThousandsAndAllDots) {
  const Panel panel = white(600, 600);
  std::vector<DrawnMatch> matches;
  for (int i = 0; i < 6000; ++i) {
    const auto at = static_cast<float>(i % 600);
    matches.push_back({{10, at}, {10, at}, i / 600 == 9});
  }
  const cv::Mat picture = draw_matches(panel, panel, matches);
  EXPECT_EQ(count(picture.col(10), is_orange), 600);
  const int lines = count(picture.col(300), is_orange);
  EXPECT_GE(lines, 100);
  EXPECT_LT(lines, 300);
}

TEST(DrawMatches, KeepsWithinThePanelWhatIsNotInTheImage) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const Panel panel = white(50, 50);
  const std::vector<DrawnMatch> matches = {{{-1e30F, 1e30F}, {kNaN, -5}, true},
                                           {{kNaN, kNaN}, {1e30F, 1e30F}, false}};
  EXPECT_GT(count(draw_matches(panel, panel, matches), is_orange), 0);
}

TEST(Encode, GivesBothFormatsAndTheSameBytesEachTime) {
  const Panel panel = make_panel(textured_image(300, 200, 5));
  const std::vector<DrawnMatch> matches = {{{20, 30}, {200, 100}, true}};
  const cv::Mat picture = draw_matches(panel, panel, matches);
  const std::string png = encode(picture, PictureFormat::png);
  EXPECT_TRUE(png.starts_with("\x89PNG"));
  EXPECT_EQ(cv::norm(decode(png), picture, cv::NORM_INF), 0);
  const std::string jpeg = encode(picture, PictureFormat::jpeg);
  EXPECT_TRUE(jpeg.starts_with("\xff\xd8\xff"));
  EXPECT_EQ(decode(jpeg).size(), picture.size());
  EXPECT_EQ(jpeg, encode(draw_matches(panel, panel, matches), PictureFormat::jpeg));
}

TEST(JpegSize, IsThatOfTheHeader) {
  const std::string jpeg = thumbnail(textured_image(300, 200, 5), 240);
  EXPECT_EQ(jpeg_size(jpeg), (PictureSize{240, 160}));
  EXPECT_EQ(jpeg_size(""), PictureSize{});
  EXPECT_EQ(jpeg_size("\x89PNG"), PictureSize{});
  for (std::size_t size = 0; size < jpeg.size(); ++size) {
    const PictureSize cut = jpeg_size(jpeg.substr(0, size));
    EXPECT_TRUE(cut == PictureSize{} || cut == jpeg_size(jpeg)) << size;
  }
}

}  // namespace
}  // namespace bundle_match::drawing

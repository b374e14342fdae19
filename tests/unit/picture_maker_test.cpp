// Pictures and thumbnails from a compute process, confined as ever.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include <string>
#include <vector>

namespace bundle_match::compute {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kJpeg = "\xff\xd8\xff";

cv::Size size_of(const std::string& bytes) {
  return cv::imdecode(std::vector<char>(bytes.begin(), bytes.end()), cv::IMREAD_UNCHANGED).size();
}

class PictureMakerTest : public test::ComputeFixture {
 protected:
  [[nodiscard]] ImageOrder order_to_draw(const std::string& path) const {
    ImageOrder order = ComputeFixture::order(7, path);
    order.action = ImageOrder::Action::draw;
    order.reference_path = reference_;
    return order;
  }

  // By a client of its own.
  ImageReport report_of(const Job& job, const ImageOrder& order, bool with_references = true) {
    ForkServer fork_server;
    ComputeClient client(fork_server, job);
    if (with_references) {
      client.use_references(references());
    }
    client.submit(order);
    return next_report(client);
  }
};

TEST_F(PictureMakerTest, DrawsThePair) {
  const ImageReport report = report_of(job(), order_to_draw(image(1)));
  EXPECT_EQ(report.status, ImageStatus::ok) << report.reason;
  EXPECT_EQ(report.image, 7U);
  EXPECT_THAT(report.outcomes, IsEmpty());
  EXPECT_THAT(report.features, IsEmpty());
  EXPECT_THAT(report.picture, StartsWith(kJpeg));
  EXPECT_EQ(size_of(report.picture), cv::Size(160 + 8 + 160, 120));
  ImageOrder order = order_to_draw(image(1));
  order.picture_format = PictureFormat::png;
  EXPECT_THAT(report_of(job(), order).picture, StartsWith("\x89PNG"));
}

TEST_F(PictureMakerTest, DrawsTheSameWithoutTheSetOfReferences) {
  const std::string path = image(1);
  Job verified = job();
  verified.options.verification = Verification::homography;
  const std::string picture = report_of(verified, order_to_draw(path)).picture;
  EXPECT_EQ(report_of(verified, order_to_draw(path), false).picture, picture);
  EXPECT_NE(report_of(job(), order_to_draw(path)).picture, picture) << "inliers look like others";
}

TEST_F(PictureMakerTest, DrawsTheSameOfAnImageThatIsOneOfTheReferences) {
  ImageOrder order = order_to_draw(reference_);
  const std::string picture = report_of(job(), order).picture;
  order.described = 0;
  EXPECT_EQ(report_of(job(), order).picture, picture);
}

TEST_F(PictureMakerTest, DrawsTheSameFromThePointsThatTheMatchingReported) {
  const std::string path = image(1);
  for (const Verification verification : {Verification::none, Verification::homography}) {
    Job with = job();
    with.options.verification = verification;
    with.options.report_pictures = true;
    const DrawablePair drawable = report_of(with, order(0, path)).drawable;
    EXPECT_EQ(drawable.reference, 0U);
    ASSERT_FALSE(drawable.points.empty());
    ImageOrder from_points = order_to_draw(path);
    from_points.points = drawable.points;
    const ImageReport drawn = report_of(with, from_points);
    EXPECT_EQ(drawn.picture, report_of(with, order_to_draw(path)).picture);
    EXPECT_EQ(drawn.keypoints, 0U) << "no SIFT";
  }
}

TEST_F(PictureMakerTest, DrawsAfterOneFromPointsOneWithout) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  ImageOrder from_points = order_to_draw(image(1));
  from_points.points = {{1, 1, 2, 2, false}};
  client.submit(from_points);
  (void)next_report(client);
  client.submit(order_to_draw(image(1)));
  EXPECT_EQ(next_report(client).picture, report_of(job(), order_to_draw(image(1))).picture);
}

TEST_F(PictureMakerTest, ReportsPointsOfTheBestImagesOnly) {
  Job with = job();
  with.options.report_pictures = true;
  ForkServer fork_server;
  ComputeClient client(fork_server, with);
  client.use_references(references());
  const std::string best = reference_;
  std::uint32_t reported = 0;
  for (std::uint32_t i = 0; i < kDrawnInReport + 3; ++i) {  // as good as each other
    client.submit(order(i, best));
    reported += next_report(client).drawable.points.empty() ? 0 : 1;
  }
  EXPECT_EQ(reported, kDrawnInReport);
  EXPECT_THAT(report_of(job(), order(0, best)).drawable.points, IsEmpty()) << "if not asked for";
}

TEST_F(PictureMakerTest, DrawsOneReferenceAfterTheOther) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  std::vector<std::string> pictures;
  for (const std::string& reference : {reference_, image(2), reference_, dir_ / "missing.png"}) {
    ImageOrder order = order_to_draw(image(1));
    order.reference_path = reference;
    client.submit(order);
    pictures.push_back(next_report(client).picture);
  }
  EXPECT_EQ(pictures[0], pictures[2]);
  EXPECT_NE(pictures[0], pictures[1]);
  EXPECT_EQ(pictures[3], "");
}

TEST_F(PictureMakerTest, ReportsWhatCannotBeDrawn) {
  const ImageReport no_image = report_of(job(), order_to_draw(dir_ / "missing.png"));
  EXPECT_EQ(no_image.status, ImageStatus::unreadable);
  EXPECT_EQ(no_image.reason, "No such file or directory");
  ImageOrder order = order_to_draw(image(1));
  order.reference_path = dir_ / "missing.png";
  const ImageReport no_reference = report_of(job(), order);
  EXPECT_EQ(no_reference.status, ImageStatus::unreadable);
  EXPECT_EQ(no_reference.reason, "No such file or directory");
  EXPECT_EQ(no_reference.picture, "");
}

TEST_F(PictureMakerTest, DrawsAnImageWithoutFeatures) {
  const std::string flat = test::write_image(dir_ / "flat.png", cv::Mat(50, 70, CV_8UC1, {128}));
  const ImageReport report = report_of(job(), order_to_draw(flat));
  EXPECT_EQ(report.status, ImageStatus::ok) << report.reason;
  EXPECT_EQ(size_of(report.picture), cv::Size(160 + 8 + 70, 120));
}

TEST_F(PictureMakerTest, MakesThumbnailsAlone) {
  const std::string large = test::write_image(dir_ / "large.png", test::scene_view(0, 480, 360));
  const ImageReport report =
      report_of(job(), {ImageOrder::Action::thumbnail, 3, large}, /*with_references=*/false);
  EXPECT_EQ(report.status, ImageStatus::ok) << report.reason;
  EXPECT_EQ(report.image, 3U);
  EXPECT_EQ(size_of(report.thumbnail), cv::Size(240, 180));
  EXPECT_EQ(report.keypoints, 0U);
}

TEST_F(PictureMakerTest, AddsThumbnailsToReportsIfAsked) {
  const std::string path = image(1);
  EXPECT_EQ(report_of(job(), order(0, path)).thumbnail, "");
  Job with = job();
  with.options.report_pictures = true;
  const ImageReport report = report_of(with, order(0, path));
  expect_matched(report, 0, path);
  EXPECT_EQ(size_of(report.thumbnail), cv::Size(160, 120));
  EXPECT_THAT(report_of(with, order_to_describe(path)).thumbnail, StartsWith(kJpeg));
}

}  // namespace
}  // namespace bundle_match::compute

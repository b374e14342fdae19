// Pictures and thumbnails from a compute process, confined as ever.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"
#include "support/id_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include <string>
#include <vector>

namespace bundle_match::compute {
namespace {

using testing::StartsWith;

constexpr const char* kJpeg = "\xff\xd8\xff";

cv::Size size_of(const std::string& bytes) {
  return cv::imdecode(std::vector<char>(bytes.begin(), bytes.end()), cv::IMREAD_UNCHANGED).size();
}

class PictureMakerTest : public test::ComputeFixture {
 protected:
  [[nodiscard]] DrawWork work_to_draw() const { return {0_reference, reference_, {}, {}, {}}; }
  [[nodiscard]] Order order_to_draw(const std::string& path) const {
    return order(7, path, work_to_draw());
  }

  // By a client of its own.
  OrderResult result_of(const Job& job, const Order& order, bool with_references = true) {
    ForkServer fork_server;
    ComputeClient client(fork_server, job);
    if (with_references) {
      client.use_references(references());
    }
    client.submit(order);
    return next_result(client);
  }

  static std::string picture_in(const OrderResult& result) {
    EXPECT_EQ(result.status, ImageStatus::ok) << result.reason;
    const auto* const answer = std::get_if<PictureAnswer>(&result.answer);
    return answer != nullptr ? answer->bytes : "";
  }
  std::string picture_of(const Job& job, const Order& order, bool with_references = true) {
    return picture_in(result_of(job, order, with_references));
  }

  static MatchAnswer match_in(const OrderResult& result) {
    EXPECT_EQ(result.status, ImageStatus::ok) << result.reason;
    const auto* const answer = std::get_if<MatchAnswer>(&result.answer);
    return answer != nullptr ? *answer : MatchAnswer{};
  }
};

TEST_F(PictureMakerTest, DrawsThePair) {
  const OrderResult result = result_of(job(), order_to_draw(image(1)));
  EXPECT_EQ(result.order, OrderId(7));
  const std::string picture = picture_in(result);
  EXPECT_THAT(picture, StartsWith(kJpeg));
  EXPECT_EQ(size_of(picture), cv::Size(160 + 8 + 160, 120));
  DrawWork work = work_to_draw();
  work.format = PictureFormat::png;
  EXPECT_THAT(picture_of(job(), order(7, image(1), work)), StartsWith("\x89PNG"));
}

TEST_F(PictureMakerTest, DrawsTheSameWithoutTheSetOfReferences) {
  const std::string path = image(1);
  Job verified = job();
  verified.options.verification = Verification::homography;
  const std::string picture = picture_of(verified, order_to_draw(path));
  EXPECT_EQ(picture_of(verified, order_to_draw(path), false), picture);
  EXPECT_NE(picture_of(job(), order_to_draw(path)), picture) << "inliers look like others";
}

TEST_F(PictureMakerTest, DrawsTheSameOfAnImageThatIsOneOfTheReferences) {
  DrawWork work = work_to_draw();
  const std::string picture = picture_of(job(), order(7, reference_, work));
  work.described = 0_reference;
  EXPECT_EQ(picture_of(job(), order(7, reference_, work)), picture);
}

TEST_F(PictureMakerTest, DrawsTheSameFromThePointsThatTheMatchingReported) {
  const std::string path = image(1);
  for (const Verification verification : {Verification::none, Verification::homography}) {
    Job with = job();
    with.options.verification = verification;
    with.options.report_pictures = true;
    const auto drawable = match_in(result_of(with, order(0, path))).drawable;
    ASSERT_TRUE(drawable);
    EXPECT_EQ(drawable->reference, 0_reference);
    ASSERT_FALSE(drawable->points.empty());
    DrawWork from_points = work_to_draw();
    from_points.points = drawable->points;
    const OrderResult drawn = result_of(with, order(7, path, from_points));
    EXPECT_EQ(picture_in(drawn), picture_of(with, order_to_draw(path)));
    EXPECT_EQ(drawn.keypoints, 0U) << "no SIFT";
  }
}

TEST_F(PictureMakerTest, DrawsAfterOneFromPointsOneWithout) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  DrawWork from_points = work_to_draw();
  from_points.points = {{1, 1, 2, 2, false}};
  client.submit(order(7, image(1), from_points));
  (void)next_result(client);
  client.submit(order_to_draw(image(1)));
  EXPECT_EQ(picture_in(next_result(client)), picture_of(job(), order_to_draw(image(1))));
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
    reported += match_in(next_result(client)).drawable ? 1 : 0;
  }
  EXPECT_EQ(reported, kDrawnInReport);
  EXPECT_EQ(match_in(result_of(job(), order(0, best))).drawable, std::nullopt)
      << "if not asked for";
}

TEST_F(PictureMakerTest, DrawsOneReferenceAfterTheOther) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  std::vector<std::string> pictures;
  for (const std::string& reference : {reference_, image(2), reference_}) {
    DrawWork work = work_to_draw();
    work.reference_path = reference;
    client.submit(order(7, image(1), work));
    pictures.push_back(picture_in(next_result(client)));
  }
  EXPECT_EQ(pictures[0], pictures[2]);
  EXPECT_NE(pictures[0], pictures[1]);
}

TEST_F(PictureMakerTest, ReportsWhatCannotBeDrawn) {
  DrawWork without_reference = work_to_draw();
  without_reference.reference_path = dir_ / "missing.png";
  for (const Order& order :
       {order_to_draw(dir_ / "missing.png"), ComputeFixture::order(7, image(1), without_reference),
        ComputeFixture::order(7, dir_ / "missing.png", ThumbnailWork{})}) {
    const OrderResult result = result_of(job(), order);
    EXPECT_EQ(result.status, ImageStatus::unreadable);
    EXPECT_TRUE(result.not_found);
    EXPECT_EQ(result.reason, "No such file or directory");
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.answer));
  }
}

TEST_F(PictureMakerTest, DrawsAnImageWithoutFeatures) {
  const std::string flat = test::write_image(dir_ / "flat.png", cv::Mat(50, 70, CV_8UC1, {128}));
  EXPECT_EQ(size_of(picture_of(job(), order_to_draw(flat))), cv::Size(160 + 8 + 70, 120));
}

TEST_F(PictureMakerTest, MakesThumbnailsAlone) {
  const std::string large = test::write_image(dir_ / "large.png", test::scene_view(0, 480, 360));
  const OrderResult result =
      result_of(job(), order(3, large, ThumbnailWork{}), /*with_references=*/false);
  EXPECT_EQ(result.order, OrderId(3));
  EXPECT_EQ(size_of(picture_in(result)), cv::Size(240, 180));
  EXPECT_EQ(result.keypoints, 0U);
}

TEST_F(PictureMakerTest, AddsThumbnailsToMatchesIfAsked) {
  const std::string path = image(1);
  EXPECT_EQ(match_in(result_of(job(), order(0, path))).thumbnail, "");
  Job with = job();
  with.options.report_pictures = true;
  const OrderResult result = result_of(with, order(0, path));
  expect_matched(result, 0, path);
  EXPECT_EQ(size_of(match_in(result).thumbnail), cv::Size(160, 120));
}

}  // namespace
}  // namespace bundle_match::compute

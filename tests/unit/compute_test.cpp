// A compute process at its normal work, and with images that it cannot do.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"
#include "support/raw_images.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <sys/stat.h>

namespace bundle_match::compute {
namespace {

using test::DecoderTrap;
using test::write_file;
using testing::HasSubstr;
using Fate = DecoderTrap::Fate;

class ComputeTest : public test::ComputeFixture {
 protected:
  // What becomes of one image, by a client of its own.
  OrderResult result_of(const Job& job, const std::string& path) {
    ForkServer fork_server;
    ComputeClient client(fork_server, job);
    client.use_references(references());
    client.submit(order(0, path));
    return next_result(client);
  }
};

TEST_F(ComputeTest, MatchesAsOpencvDoes) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  for (int number = 0; number < 4; ++number) {
    const std::string path = image(number);
    const auto id = 100 + static_cast<std::uint64_t>(number);
    client.submit(order(id, path));
    const OrderResult result = next_result(client);
    expect_matched(result, id, path);
    EXPECT_GT(result.keypoints, 0U);
    EXPECT_EQ(result.width, 160U);
    EXPECT_EQ(result.height, 120U);
    EXPECT_GT(result.elapsed_ms.sift, 0);
    EXPECT_EQ(result.reason, "");
  }
  EXPECT_EQ(client.outstanding(), 0U);
}

TEST_F(ComputeTest, FollowsTheOptions) {
  const std::string path = image(1);
  Job options = job();
  options.options.cross_check = CrossCheck::one_way;
  const std::uint32_t one_way = test::opencv_matches(reference_, path, 5000, CrossCheck::one_way);
  EXPECT_EQ(outcomes_of(result_of(options, path)).at(0).matches, one_way);
  EXPECT_NE(one_way, test::opencv_matches(reference_, path));
  options.options.nfeatures = 20;
  EXPECT_LE(result_of(options, path).keypoints, 25U);
}

TEST_F(ComputeTest, GivesResultsInTheOrderOfOrders) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  std::vector<std::string> paths;
  for (int number = 0; number < 6; ++number) {
    paths.push_back(number % 2 == 0 ? image(number) : dir_ / "missing.png");
    client.submit(order(static_cast<std::uint64_t>(50 - number), paths.back()));
    EXPECT_EQ(client.outstanding(), paths.size());
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const OrderResult result = next_result(client);
    EXPECT_EQ(result.order, OrderId(50 - i));
    EXPECT_EQ(result.status, i % 2 == 0 ? ImageStatus::ok : ImageStatus::unreadable);
    EXPECT_EQ(client.outstanding(), paths.size() - i - 1);
  }
  EXPECT_EQ(client.try_event(), std::nullopt);
}

TEST_F(ComputeTest, NeverWaitsForAResult) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  (void)ready(client);
  EXPECT_EQ(client.try_event(), std::nullopt);
  const std::string path = trapped_image();
  client.submit(order(0, path));
  ASSERT_GT(catch_one(client), 0);
  client.wait(std::chrono::microseconds(1));
  EXPECT_EQ(client.try_event(), std::nullopt);
  EXPECT_EQ(client.outstanding(), 1U);
  trap_.release(Fate::go_on);
  expect_matched(next_result(client), 0, path);
}

TEST_F(ComputeTest, NamesItsKernelsFirst) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  const std::string path = image(1);
  client.submit(order(0, path));
  EXPECT_FALSE(ready(client).kernel.empty());
  EXPECT_EQ(ready(client).sift, features::sift_kernels().front());
  expect_matched(next_result(client), 0, path);
}

TEST_F(ComputeTest, MatchesAnImageWithoutFeaturesWithNothing) {
  const std::string path =
      test::write_image(dir_ / "blank.png", cv::Mat(40, 50, CV_8UC1, cv::Scalar(7)));
  const OrderResult result = result_of(job(), path);
  EXPECT_EQ(outcomes_of(result), std::vector<PairOutcome>(1));
  EXPECT_EQ(result.keypoints, 0U);
  EXPECT_EQ(result.width, 50U);
}

TEST_F(ComputeTest, NamesUnreadableFilesAndGoesOn) {
  ASSERT_EQ(::mkfifo((dir_ / "fifo.png").c_str(), 0600), 0);
  write_file(dir_ / "empty.png", "");
  write_file(dir_ / "text.png", "no image");
  struct Example {
    std::string path;
    const char* reason;
    bool not_found = false;
  };
  const Example examples[] = {{dir_ / "missing.png", "No such file", true},
                              {dir_ / "no folder/missing.png", "No such file", true},
                              {dir_ / "text.png/missing.png", "Not a directory", true},
                              {dir_.path().string(), "directory"},
                              {dir_ / "fifo.png", "FIFO"},
                              {dir_ / "empty.png", "empty"},
                              {dir_ / "text.png", "not an image"}};
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  for (const Example& example : examples) {
    client.submit(order(9, example.path));
    const OrderResult result = next_result(client);
    EXPECT_EQ(result.order, OrderId(9));
    EXPECT_EQ(result.status, ImageStatus::unreadable) << example.path;
    EXPECT_THAT(result.reason, HasSubstr(example.reason));
    EXPECT_EQ(result.not_found, example.not_found) << example.path;
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.answer));
  }
  client.submit(order(10, image(1)));
  expect_matched(next_result(client), 10, image(1));
}

TEST_F(ComputeTest, RefusesAnImageThatTheMemoryLimitCannotHold) {
  Job limited = job();
  limited.options.memory_limit_bytes = std::uint64_t{256} << 20;
  write_file(dir_ / "bomb.png", test::png_without_pixels(30000, 20000));
  ForkServer fork_server;
  ComputeClient client(fork_server, limited);
  client.use_references(references());
  client.submit(order(0, dir_ / "bomb.png"));
  client.submit(order(1, image(1)));
  const OrderResult result = next_result(client);
  EXPECT_EQ(result.status, ImageStatus::too_large);
  EXPECT_THAT(result.reason, HasSubstr("30000 x 20000"));
  EXPECT_THAT(result.reason, HasSubstr("--memory-limit"));
  EXPECT_EQ(result.width, 30000U);
  EXPECT_EQ(result.height, 20000U);
  expect_matched(next_result(client), 1, image(1));
}

TEST_F(ComputeTest, RefusesALargeImageWhoseHeaderItDoesNotUnderstand) {
  Job limited = job();
  limited.options.memory_limit_bytes = std::uint64_t{96} << 20;
  const std::string path =
      test::write_image(dir_ / "large.pgm", cv::Mat(1500, 1500, CV_8UC1, cv::Scalar(7)));
  const OrderResult result = result_of(limited, path);
  EXPECT_EQ(result.status, ImageStatus::too_large);
  EXPECT_THAT(result.reason, HasSubstr("1500 x 1500"));
}

TEST_F(ComputeTest, GoesOnWithoutACacheThatCannotBeMade) {
  Job job = this->job();
  write_file(dir_ / "no folder", "a file");
  job.options.cache_dir = dir_ / "no folder/cache";
  ForkServer fork_server;
  ComputeClient client(fork_server, job);
  client.use_references(references());
  const std::string path = image(1);
  client.submit(order(1, path));
  expect_matched(next_result(client), 1, path);
  EXPECT_TRUE(test::eventually([&] { return !client.busy_behind(); }));
  EXPECT_THAT(client.take_problem(), HasSubstr("no folder"));
  EXPECT_EQ(client.take_problem(), "") << "it is told once";
}

TEST_F(ComputeTest, DescribesAReference) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.submit(order(0, reference_, DescribeWork{}));
  const OrderResult result = next_result(client);
  EXPECT_GT(result.keypoints, 0U);
  EXPECT_EQ(result.width, 160U);
  EXPECT_EQ(result.height, 120U);
  EXPECT_EQ(features_of(result), described(reference_));
  EXPECT_EQ(client.outstanding(), 0U);
}

TEST_F(ComputeTest, DescribesWhyAReferenceCannotBeUsed) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.submit(order(0, dir_ / "missing.png", DescribeWork{}));
  const OrderResult missing = next_result(client);
  EXPECT_EQ(missing.status, ImageStatus::unreadable);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(missing.answer));
  const std::string blank_path =
      test::write_image(dir_ / "blank.png", cv::Mat(40, 50, CV_8UC1, cv::Scalar(7)));
  client.submit(order(1, blank_path, DescribeWork{}));
  const OrderResult blank = next_result(client);
  EXPECT_EQ(blank.status, ImageStatus::ok);
  EXPECT_EQ(blank.keypoints, 0U);
}

TEST_F(ComputeTest, PassesOnWhatADecoderComplainsOf) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  const std::string path = trapped_image();
  for (const Fate fate : {Fate::complain, Fate::go_on, Fate::complain}) {
    trap_.release(fate);
    client.submit(order(0, path));
    const OrderResult result = next_result(client);
    expect_matched(result, 0, path);
    EXPECT_EQ(result.reason, fate == Fate::complain ? "decoder: premature end" : "");
  }
}

TEST_F(ComputeTest, ReportsWhatALibraryThrows) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  trap_.release(Fate::opencv_error);
  client.submit(order(0, trapped_image()));
  client.submit(order(1, image(1)));
  const OrderResult result = next_result(client);
  EXPECT_EQ(result.status, ImageStatus::failed);
  EXPECT_THAT(result.reason, HasSubstr("a decoder's complaint"));
  expect_matched(next_result(client), 1, image(1));
}

}  // namespace
}  // namespace bundle_match::compute

// What a compute process that an image has taken over can do to its rank, to others and to later
// images: nothing.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::compute {
namespace {

using testing::HasSubstr;
using Fate = test::DecoderTrap::Fate;

class ComputeTrustTest : public test::ComputeFixture {
 protected:
  // With the files that rank 0 would send, in pieces of 1000 bytes.
  static void submit_carried(ComputeClient& client, std::uint64_t number, const std::string& image,
                             const std::optional<std::string>& mask = std::nullopt) {
    Order order = ComputeFixture::order(number, "there is no such file.png");
    order.carried = {mask.has_value()};
    send_file(client, order.id, FilePiece::File::image, test::read_file(image));
    if (mask) {
      send_file(client, order.id, FilePiece::File::mask, *mask);
    }
    client.submit(std::move(order));
  }

  static void send_file(ComputeClient& client, OrderId order, FilePiece::File file,
                        const std::string& bytes) {
    for (std::size_t begin = 0; begin < bytes.size(); begin += 1000) {
      client.receive({order, file, bytes.substr(begin, 1000)});
    }
  }
};

TEST_F(ComputeTrustTest, ReplacesAProcessThatTalksNonsense) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  const std::string trapped = trapped_image();
  client.submit(order(0, trapped));
  client.submit(order(1, image(1)));
  trap_.release(Fate::talk_nonsense);
  trap_.release(Fate::go_on);
  expect_matched(next_result(client), 0, trapped);
  expect_matched(next_result(client), 1, image(1));
  ASSERT_EQ(deaths_.size(), 1U);
  EXPECT_EQ(deaths_[0].order, OrderId(0));
  EXPECT_THAT(deaths_[0].reason, HasSubstr("sent an invalid message"));
  EXPECT_NE(trap_.caught(), trap_.caught());

  client.submit(order(2, trapped));
  trap_.release(Fate::talk_nonsense);
  trap_.release(Fate::talk_nonsense);
  EXPECT_EQ(next_result(client).status, ImageStatus::crashed);
}

TEST_F(ComputeTrustTest, LetsNoProcessChangeAMemoryFile) {
  const std::string trapped = trapped_image();
  const std::string mask = test::read_file(test::write_image(
      dir_ / "mask.png", cv::Mat(120, test::DecoderTrap::kWidth, CV_8UC1, cv::Scalar(255))));
  for (const bool sandbox : {true, false}) {
    SCOPED_TRACE(sandbox);
    Job job = this->job();
    job.options.sandbox = sandbox;
    ForkServer fork_server;
    ComputeClient client(fork_server, job);
    client.use_references(references());
    trap_.release(Fate::change_files);  // while it reads the image
    trap_.release(Fate::change_files);  // and its mask
    submit_carried(client, 0, trapped, mask);
    expect_matched(next_result(client), 0, trapped);
    EXPECT_TRUE(deaths_.empty());
    EXPECT_GT(trap_.caught(), 0);
    EXPECT_GT(trap_.caught(), 0);
  }
}

TEST_F(ComputeTrustTest, GivesCarriedFilesToEveryProcessThatTriesThem) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  const std::string trapped = trapped_image();
  trap_.release(Fate::exit_3);
  trap_.release(Fate::go_on);
  submit_carried(client, 0, trapped);
  for (std::uint64_t number = 1; number < 20; ++number) {
    submit_carried(client, number, image(static_cast<int>(number % 3)));
  }
  expect_matched(next_result(client), 0, trapped);
  EXPECT_EQ(deaths_.size(), 1U);
  for (std::uint64_t number = 1; number < 20; ++number) {
    expect_matched(next_result(client), number, image(static_cast<int>(number % 3)));
  }
}

TEST_F(ComputeTrustTest, MasksACarriedImageWithItsCarriedMask) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  const std::string black =
      test::read_file(test::write_image(dir_ / "black.png", cv::Mat::zeros(120, 160, CV_8UC1)));
  submit_carried(client, 0, image(1), black);
  const OrderResult masked = next_result(client);
  EXPECT_EQ(outcomes_of(masked), std::vector<PairOutcome>(1));
  EXPECT_EQ(masked.keypoints, 0U);
  submit_carried(client, 1, image(1));
  expect_matched(next_result(client), 1, image(1));
}

TEST_F(ComputeTrustTest, TakesNoOrderWithoutTheFilesThatItCarries) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  Order order = ComputeFixture::order(7, "there is no such file.png");
  order.carried.emplace();
  EXPECT_THROW(client.submit(order), std::runtime_error);
  client.receive({OrderId(8), FilePiece::File::image, "another order's"});
  EXPECT_THROW(client.submit(order), std::runtime_error);
  client.receive({order.id, FilePiece::File::image, ""});
  order.carried->mask = true;
  EXPECT_THROW(client.submit(order), std::runtime_error);
}

// Whoever started the job may have left files open: the process's own then have other numbers.
TEST_F(ComputeTrustTest, WorksBesideAnyNumberOfInheritedFiles) {
  std::vector<UniqueFd> inherited;
  for (int number = 0; number < 50; ++number) {
    inherited.emplace_back(::open("/dev/null", O_RDONLY));  // not close-on-exec
    ForkServer fork_server;
    ComputeClient client(fork_server, job());
    client.use_references(references());
    submit_carried(client, 0, image(1));
    expect_matched(next_result(client), 0, image(1));
  }
}

// A rank that was started without standard streams: their numbers must not be those of sockets.
TEST_F(ComputeTrustTest, WorksWithoutStandardStreams) {
  const int set = references();
  const std::string path = image(1);
  const std::uint32_t expected = test::opencv_matches(reference_, path);
  const int status = test::exit_status_of([&] {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      ::close(stream);
    }
    ForkServer fork_server;
    ComputeClient client(fork_server, job());
    client.use_references(set);
    client.submit(order(0, path));
    const auto outcomes = outcomes_of(next_result(client));
    return outcomes.size() == 1 && outcomes[0].matches == expected ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace bundle_match::compute

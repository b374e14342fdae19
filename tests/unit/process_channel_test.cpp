// What a false compute process at the other end of the socket may send, and that its supervisor has
// it ended.
// SPDX-License-Identifier: Apache-2.0
#include "process_channel.hpp"

#include "bundle_match/features/feature_codec.hpp"
#include "bundle_match/machine/process_supervisor.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "socket.hpp"
#include "support/described_images.hpp"
#include "support/id_literals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <sys/socket.h>
#include <variant>
#include <vector>

namespace bundle_match::compute {
namespace {

using testing::HasSubstr;

constexpr std::size_t kKeypoints = 5;

class ProcessChannelTest : public testing::Test {
 protected:
  ProcessChannelTest() {
    options_.report_features = true;
    options_.report_matches = true;
    options_.verification = Verification::homography;
    options_.cache_dir = "/cache";
  }

  // A result of order 1 that can be believed, features and cache with it.
  [[nodiscard]] ComputeResult good_result() const {
    ComputeResult result;
    result.result.order = OrderId(1);
    result.result.keypoints = kKeypoints;
    result.result.width = image_.width;
    result.result.height = image_.height;
    PairOutcome outcome{2, 1, {}, {{0, 0}, {7, 4}}, {1}};
    result.result.answer = MatchAnswer{{outcome}, features::encode_features(image_), "", {}};
    result.cache = CacheEntry{std::string(32, 'a'), ""};
    return result;
  }

  // As good_result(), but for what `change` does to it; encoded.
  [[nodiscard]] std::string but(
      const std::function<void(ComputeResult&, MatchAnswer&)>& change) const {
    ComputeResult result = good_result();
    change(result, std::get<MatchAnswer>(result.result.answer));
    return wire::encode(ComputeMessage(result));
  }

  // The supervisor's answer to what a new process that has order 1 sends after it got ready: the
  // reason why it is ended, or "" if the result was believed.
  std::string complaint_about(const std::function<void(int socket)>& send) {
    SocketPair sockets = make_socket_pair(SOCK_STREAM);
    ProcessChannel channel(std::move(sockets.ours));
    machine::ProcessSupervisor supervisor(options_);
    std::vector<machine::ProcessAction> actions;
    supervisor.start(actions);
    const auto tell = [&](machine::ProcessEvent&& event) {
      supervisor.handle(machine::Time(), std::move(event), actions);
    };
    tell(machine::ReferencesGiven{});
    tell(machine::OrderGiven{OrderId(1), MatchWork{{0_reference, 1}}});
    EXPECT_TRUE(send_frame(sockets.theirs.get(), FrameKind::message,
                           wire::encode(ComputeMessage(ProcessReady{"avx2", "avx2", ""}))));
    send(sockets.theirs.get());
    channel.work();
    actions.clear();
    while (actions.empty() || std::holds_alternative<machine::DeliverReady>(actions.back())) {
      auto event = channel.next();
      if (!event) {
        return "nothing came";
      }
      tell(std::move(*event));
    }
    if (std::holds_alternative<machine::DeliverResult>(actions.back())) {
      return "";
    }
    tell(machine::ProcessEnded{{}, "was killed"});
    for (const machine::ProcessAction& action : actions) {
      if (const auto* const death = std::get_if<machine::DeliverDeath>(&action)) {
        return death->death.reason;
      }
    }
    return "no death";
  }

  std::string complaint_about_message(const std::string& bytes) {
    return complaint_about(
        [&](int socket) { EXPECT_TRUE(send_frame(socket, FrameKind::message, bytes)); });
  }

  void expect_refused(const std::string& message, const char* why = "") {
    EXPECT_THAT(complaint_about_message(message),
                testing::AllOf(HasSubstr("sent an invalid message: "), HasSubstr(why)));
  }

  MatchOptions options_;
  const features::DescribedImage image_ = test::described_image(kKeypoints, "", 1);
};

TEST_F(ProcessChannelTest, BelievesWhatCanBeTrue) {
  EXPECT_EQ(complaint_about_message(wire::encode(ComputeMessage(good_result()))), "");
}

TEST_F(ProcessChannelTest, BelievesNoStatusThatIsNone) {
  ComputeResult result;
  result.result.order = OrderId(1);
  for (const int status : {6, 200, 255}) {
    result.result.status = static_cast<ImageStatus>(status);
    expect_refused(wire::encode(ComputeMessage(result)));
  }
  result.result.status = ImageStatus::crashed;
  expect_refused(wire::encode(ComputeMessage(result)), "status");
}

TEST_F(ProcessChannelTest, BelievesNoKeyOfTheCacheThatIsNone) {
  for (const char* const key :
       {"../../../../../../../etc/passwd.", "", "aa", "/", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    expect_refused(but([&](auto& result, auto&) { result.cache = CacheEntry{key, ""}; }));
    expect_refused(but([&](auto& result, auto&) { result.cache = CacheHit{key}; }));
  }
  options_.cache_dir.clear();
  expect_refused(but([](auto&, auto&) {}), "a cache that there is not");
}

TEST_F(ProcessChannelTest, BelievesNoPositionOutOfRange) {
  expect_refused(but([](auto&, auto& answer) { answer.outcomes[0].inlier_positions = {2}; }),
                 "inlier positions");
  expect_refused(but([](auto&, auto& answer) { answer.outcomes[0].matched[1].image = kKeypoints; }),
                 "a match of a keypoint");
}

TEST_F(ProcessChannelTest, BelievesNoFeaturesThatAreNone) {
  const char* const why = "features that are none";
  const std::string encoded = features::encode_features(image_);
  std::string damaged = encoded;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const std::string fewer = features::encode_features(test::described_image(kKeypoints - 1, "", 1));
  for (const std::string& bad : {damaged, fewer, encoded.substr(1), std::string("x")}) {
    expect_refused(but([&](auto&, auto& answer) { answer.features = bad; }), why);
    expect_refused(but([&](auto& result, auto&) {
                     result.cache = CacheEntry{std::string(32, 'a'), bad};
                   }),
                   why);
  }
  expect_refused(but([](auto& result, auto&) { ++result.result.width; }), why);
}

TEST_F(ProcessChannelTest, BelievesNothingThatIsNoMessage) {
  const std::string good = wire::encode(ComputeMessage(good_result()));
  for (const std::string& bad : {std::string(), good.substr(1), good + "x",
                                 good.substr(0, good.size() - 1), std::string(1000, '\xff')}) {
    expect_refused(bad);
  }
  expect_refused(wire::encode(ComputeMessage(ProcessReady{})), "ready already");
}

TEST_F(ProcessChannelTest, TakesNoFramesOfOtherKindsAndNoFiles) {
  const std::string good = wire::encode(ComputeMessage(good_result()));
  EXPECT_THAT(
      complaint_about([&](int socket) { EXPECT_TRUE(send_frame(socket, FrameKind::order, good)); }),
      HasSubstr("a frame of another kind"));
  EXPECT_THAT(complaint_about([&](int socket) {
                FrameWriter(socket).write(FrameKind::message, good, std::array{socket});
              }),
              HasSubstr("no frame"));
  EXPECT_THAT(complaint_about(
                  [](int socket) { EXPECT_EQ(::send(socket, "nonsense", 8, MSG_NOSIGNAL), 8); }),
              HasSubstr("no frame"));
}

TEST_F(ProcessChannelTest, SeesThatTheProcessIsGone) {
  SocketPair sockets = make_socket_pair(SOCK_STREAM);
  ProcessChannel channel(std::move(sockets.ours));
  channel.work();
  EXPECT_FALSE(channel.next());
  sockets.theirs.reset();
  channel.work();
  EXPECT_TRUE(std::holds_alternative<machine::ProcessClosed>(channel.next().value()));
}

}  // namespace
}  // namespace bundle_match::compute

// Compute processes that die, hang or run out of memory in the middle of an image.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <stdexcept>

namespace bundle_match::compute {
namespace {

using test::DecoderTrap;
using test::ProcessHandle;
using testing::HasSubstr;
using Fate = DecoderTrap::Fate;

class ComputeCrashTest : public test::ComputeFixture {
 protected:
  // Submits the image that is caught, then one that is not.
  void submit_both(ComputeClient& client) const {
    client.submit(order(0, trapped_));
    client.submit(order(1, good_));
  }

  // Kills the process that the trap holds, and checks that it was this server's child.
  void kill_caught(ComputeClient& client, int signal) {
    const pid_t pid = catch_one(client);
    ASSERT_GT(pid, 0);
    const pid_t server = test::parent_of(pid);
    EXPECT_EQ(test::children_of(::getpid()), std::vector<pid_t>{server});
    EXPECT_EQ(test::children_of(server), std::vector<pid_t>{pid}) << "one at a time";
    const ProcessHandle process(pid);
    ASSERT_EQ(::kill(pid, signal), 0);
    ASSERT_TRUE(process.wait_for_end());
  }

  const std::string trapped_ = trapped_image();
  const std::string good_ = image(1);
};

TEST_F(ComputeCrashTest, RetriesAnImageThatAProcessDiedOf) {
  for (const int signal : {SIGKILL, SIGSEGV, SIGABRT}) {
    SCOPED_TRACE(testing::Message() << "signal " << signal);
    ForkServer fork_server;
    ComputeClient client(fork_server, job());
    client.use_references(references());
    submit_both(client);
    kill_caught(client, signal);
    trap_.release(Fate::go_on);
    expect_matched(next_result(client), 0, trapped_);
    EXPECT_GT(trap_.caught(), 0) << "it was computed again";
    expect_matched(next_result(client), 1, good_);
    EXPECT_EQ(client.outstanding(), 0U);
    ASSERT_EQ(deaths_.size(), 1U) << "told once, for the journal";
    EXPECT_EQ(deaths_[0].order, OrderId(0));
    EXPECT_FALSE(deaths_[0].reason.empty());
    deaths_.clear();
  }
}

TEST_F(ComputeCrashTest, ReportsAnImageThatTwoProcessesDiedOf) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  submit_both(client);
  kill_caught(client, SIGKILL);
  kill_caught(client, SIGKILL);
  const OrderResult result = next_result(client);
  EXPECT_EQ(result.order, OrderId(0));
  EXPECT_EQ(result.status, ImageStatus::crashed);
  EXPECT_THAT(result.reason, HasSubstr("killed by signal 9 (Killed)"));
  expect_matched(next_result(client), 1, good_);
  EXPECT_FALSE(trap_.has_caught()) << "not a third time";
  EXPECT_EQ(deaths_.size(), 1U) << "the second one is the result";
}

TEST_F(ComputeCrashTest, GivesASuspectOfEarlierRunsOneMoreTry) {
  for (const bool dies_again : {true, false}) {
    ForkServer fork_server;
    ComputeClient client(fork_server, job());
    client.use_references(references());
    Order suspect = order(0, trapped_);
    suspect.deaths = 1;
    client.submit(suspect);
    client.submit(order(1, good_));
    if (dies_again) {
      kill_caught(client, SIGKILL);
      EXPECT_EQ(next_result(client).status, ImageStatus::crashed);
    } else {
      trap_.release(Fate::go_on);
      expect_matched(next_result(client), 0, trapped_);
      EXPECT_GT(trap_.caught(), 0);
    }
    expect_matched(next_result(client), 1, good_);
    EXPECT_TRUE(deaths_.empty());
  }
}

TEST_F(ComputeCrashTest, SaysHowTheProcessEnded) {
  struct Example {
    Fate fate;
    const char* reason;
  };
  for (const Example& example : {Example{Fate::segfault, "killed by signal 11"},
                                 {Fate::exit_3, "compute process exited with status 3"}}) {
    ForkServer fork_server;
    ComputeClient client(fork_server, job());
    client.use_references(references());
    trap_.release(example.fate);
    trap_.release(example.fate);
    client.submit(order(0, trapped_));
    const OrderResult result = next_result(client);
    EXPECT_EQ(result.status, ImageStatus::crashed);
    EXPECT_THAT(result.reason, HasSubstr(example.reason));
  }
}

TEST_F(ComputeCrashTest, BlamesTheImageUnderWayAlone) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  // Two that are caught, one behind the other: the second must not pay for the first.
  client.submit(order(0, trapped_));
  client.submit(order(1, trapped_));
  client.submit(order(2, good_));
  kill_caught(client, SIGKILL);
  kill_caught(client, SIGKILL);
  EXPECT_EQ(next_result(client).status, ImageStatus::crashed);
  kill_caught(client, SIGKILL);
  trap_.release(Fate::go_on);
  expect_matched(next_result(client), 1, trapped_);
  expect_matched(next_result(client), 2, good_);
}

TEST_F(ComputeCrashTest, RestartsAProcessThatDiesIdle) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  (void)ready(client);
  ready_.reset();
  for (std::uint64_t round = 0; round < 5; ++round) {
    const auto processes = test::children_of(test::children_of(::getpid()).at(0));
    ASSERT_EQ(processes.size(), 1U);
    const ProcessHandle process(processes[0]);
    ASSERT_EQ(::kill(processes[0], SIGKILL), 0);
    ASSERT_TRUE(process.wait_for_end());
    client.submit(order(round, good_));
    expect_matched(next_result(client), round, good_);
  }
  EXPECT_FALSE(ready_) << "it is told once";
}

TEST_F(ComputeCrashTest, DescribesAReferenceThatAProcessDiedOf) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  trap_.release(Fate::exit_3);
  trap_.release(Fate::go_on);
  client.submit(order(0, trapped_, DescribeWork{}));
  EXPECT_EQ(features_of(next_result(client)), described(trapped_));
  trap_.release(Fate::exit_3);
  trap_.release(Fate::exit_3);
  client.submit(order(1, trapped_, DescribeWork{}));
  const OrderResult crashed = next_result(client);
  EXPECT_EQ(crashed.status, ImageStatus::crashed);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(crashed.answer));
  client.submit(order(2, good_, DescribeWork{}));
  EXPECT_EQ(features_of(next_result(client)), described(good_));
}

TEST_F(ComputeCrashTest, EndsAnImageAtItsTimeout) {
  Job limited = job();
  limited.options.timeout_s = 0.2;
  ForkServer fork_server;
  ComputeClient client(fork_server, limited);
  client.use_references(references());
  (void)ready(client);
  client.submit(order(0, trapped_));
  const pid_t pid = trap_.caught();
  ASSERT_GT(pid, 0);
  const ProcessHandle process(pid);
  ASSERT_TRUE(test::stop_process(pid)) << "as one that is stuck";
  const OrderResult result = next_result(client);
  EXPECT_EQ(result.order, OrderId(0));
  EXPECT_EQ(result.status, ImageStatus::timed_out);
  EXPECT_THAT(result.reason, HasSubstr("0.2 s"));
  EXPECT_THAT(result.reason, HasSubstr("--timeout"));
  EXPECT_TRUE(process.wait_for_end());
  EXPECT_EQ(client.outstanding(), 0U);
  EXPECT_FALSE(trap_.has_caught()) << "it is not tried again";
}

TEST_F(ComputeCrashTest, ComputesWhatWasQueuedBehindATimeout) {
  Job limited = job();
  limited.options.timeout_s = ample_timeout_s(good_);
  ForkServer fork_server;
  ComputeClient client(fork_server, limited);
  client.use_references(references());
  submit_both(client);
  client.submit(order(2, trapped_));
  EXPECT_EQ(next_result(client).status, ImageStatus::timed_out);
  expect_matched(next_result(client), 1, good_);
  const OrderResult third = next_result(client);
  EXPECT_EQ(third.order, OrderId(2));
  EXPECT_EQ(third.status, ImageStatus::timed_out);
  const pid_t first = trap_.caught();
  const pid_t second = trap_.caught();
  EXPECT_NE(first, second);
}

TEST_F(ComputeCrashTest, TriesAnImageThatRanOutOfMemoryInAFreshProcess) {
  ForkServer fork_server;
  for (const Fate fate : {Fate::out_of_memory, Fate::opencv_out_of_memory}) {
    ComputeClient client(fork_server, job());
    client.use_references(references());
    client.submit(order(0, good_));
    expect_matched(next_result(client), 0, good_);
    trap_.release(fate);
    trap_.release(Fate::go_on);
    client.submit(order(1, trapped_));
    expect_matched(next_result(client), 1, trapped_);
    const pid_t first = trap_.caught();
    const pid_t second = trap_.caught();
    EXPECT_NE(first, second);
  }
}

TEST_F(ComputeCrashTest, ReportsAnImageThatRanOutOfMemoryInAFreshProcess) {
  Job limited = job();
  limited.options.memory_limit_bytes = std::uint64_t{300} << 20;
  ForkServer fork_server;
  for (const Fate fate : {Fate::out_of_memory, Fate::opencv_out_of_memory}) {
    ComputeClient client(fork_server, limited);
    client.use_references(references());
    trap_.release(fate);
    submit_both(client);
    const OrderResult result = next_result(client);
    EXPECT_EQ(result.status, ImageStatus::too_large);
    EXPECT_THAT(result.reason, HasSubstr("--memory-limit"));
    expect_matched(next_result(client), 1, good_);
    EXPECT_GT(trap_.caught(), 0);
    EXPECT_FALSE(trap_.has_caught()) << "once is enough";
  }
}

}  // namespace
}  // namespace bundle_match::compute

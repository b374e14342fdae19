// That no call of a compute client waits, whoever stands still. A call that does hangs its test.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>

namespace bundle_match::compute {
namespace {

using test::children_of;
using Fate = test::DecoderTrap::Fate;

using ComputePatienceTest = test::ComputeFixture;

// Every call while the fork server does not answer; then it does.
TEST_F(ComputePatienceTest, WaitsForNoForkServer) {
  ForkServer fork_server;
  const pid_t server = children_of(::getpid()).at(0);
  ASSERT_TRUE(test::stop_process(server));
  fork_server.load_decoders();
  auto client = std::make_unique<ComputeClient>(fork_server, job());
  client->use_references(references());
  client->submit(order(0, image(1)));
  EXPECT_EQ(client->try_event(), std::nullopt);
  client->wait(std::chrono::microseconds(1));
  client.reset();
  client = std::make_unique<ComputeClient>(fork_server, job());
  client->use_references(references());
  client->submit(order(1, image(1)));
  EXPECT_EQ(client->try_event(), std::nullopt);
  ASSERT_EQ(::kill(server, SIGCONT), 0);
  expect_matched(next_result(*client), 1, image(1));
}

// Ending a process takes a while.
TEST_F(ComputePatienceTest, WaitsForNoEndOfAProcess) {
  Job limited = job();
  limited.options.timeout_s = ample_timeout_s(image(1));
  ForkServer fork_server;
  const pid_t server = children_of(::getpid()).at(0);
  ComputeClient client(fork_server, limited);
  client.use_references(references());
  client.submit(order(0, trapped_image()));
  ASSERT_GT(catch_one(client), 0);
  ASSERT_TRUE(test::stop_process(server));
  EXPECT_EQ(next_result(client).status, ImageStatus::timed_out);
  client.submit(order(1, image(1)));
  EXPECT_EQ(client.try_event(), std::nullopt);
  client.use_references(references());
  ASSERT_EQ(::kill(server, SIGCONT), 0);
  expect_matched(next_result(client), 1, image(1));
}

// More than a socket holds.
TEST_F(ComputePatienceTest, WaitsForNoProcessThatDoesNotRead) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  (void)ready(client);
  const pid_t process = children_of(children_of(::getpid()).at(0)).at(0);
  ASSERT_TRUE(test::stop_process(process));
  constexpr std::uint64_t kOrders = 2000;
  const std::string path = dir_ / std::string(4000, 'x');  // which names nothing
  for (std::uint64_t number = 0; number < kOrders; ++number) {
    client.submit(order(number, path));
  }
  EXPECT_EQ(client.try_event(), std::nullopt);
  ASSERT_EQ(::kill(process, SIGCONT), 0);
  for (std::uint64_t number = 0; number < kOrders; ++number) {
    ASSERT_EQ(next_result(client).order, OrderId(number));
  }
}

}  // namespace
}  // namespace bundle_match::compute

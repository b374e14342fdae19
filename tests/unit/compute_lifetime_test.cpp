// Who ends when whom: rank, fork server and compute process.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <pthread.h>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>

namespace bundle_match::compute {
namespace {

using test::DecoderTrap;
using test::ProcessHandle;
using Fate = DecoderTrap::Fate;

class ComputeLifetimeTest : public test::ComputeFixture {
 protected:
  ComputeLifetimeTest() {
    if (::pipe2(gate_.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe2");
    }
  }
  ~ComputeLifetimeTest() override {
    ::close(gate_[0]);
    ::close(gate_[1]);
  }

  // A process of its own that plays a rank whose image is caught. Once the gate is open it calls
  // `leave`, and if that returns it cleans up and exits. Gives its pid.
  pid_t start_rank(const std::function<void()>& leave) const {
    const Job job_of_rank = job();
    const std::string path = trapped_image();
    const pid_t pid = ::fork();
    if (pid == 0) {
      try {
        ForkServer fork_server;
        ComputeClient client(fork_server, job_of_rank);
        client.use_references(references());
        client.submit(order(0, path));
        char ignored = 0;
        (void)!::read(gate_[0], &ignored, 1);
        leave();
      } catch (const std::exception&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    return pid;
  }

  void open_gate() const { EXPECT_EQ(::write(gate_[1], "", 1), 1); }

  // Starts a rank, lets `end_rank` end it, and expects its two processes to end with it.
  void expect_all_end(
      const std::function<void(pid_t rank, pid_t compute)>& end_rank,
      const std::function<void()>& leave = [] {}) const {
    const pid_t rank = start_rank(leave);
    ASSERT_GT(rank, 0);
    const pid_t compute = trap_.caught();
    ASSERT_GT(compute, 0);
    const pid_t server = test::parent_of(compute);
    ASSERT_EQ(test::parent_of(server), rank);
    const ProcessHandle compute_process(compute);
    const ProcessHandle fork_server(server);
    EXPECT_FALSE(fork_server.ended());
    EXPECT_FALSE(compute_process.ended());
    end_rank(rank, compute);
    ASSERT_EQ(::waitpid(rank, nullptr, 0), rank);
    EXPECT_TRUE(fork_server.wait_for_end());
    EXPECT_TRUE(compute_process.wait_for_end());
  }

 private:
  std::array<int, 2> gate_{};
};

TEST_F(ComputeLifetimeTest, AllEndWhenTheRankIsKilled) {
  for (const int signal : {SIGKILL, SIGTERM}) {
    expect_all_end([signal](pid_t rank, pid_t) { ::kill(rank, signal); });
  }
}

TEST_F(ComputeLifetimeTest, AllEndWhenTheRankIsKilledThoughTheComputeProcessIsStuck) {
  expect_all_end([](pid_t rank, pid_t compute) {
    EXPECT_TRUE(test::stop_process(compute));
    ::kill(rank, SIGKILL);
  });
}

TEST_F(ComputeLifetimeTest, AllEndWhenTheRankExits) {
  const auto let_go = [this](pid_t, pid_t) { open_gate(); };
  expect_all_end(let_go);
  expect_all_end(let_go, [] { ::_exit(0); });
}

TEST_F(ComputeLifetimeTest, TheComputeProcessEndsWithItsClientAndTheServerWithItsHandle) {
  ForkServer fork_server;
  const pid_t server = test::children_of(::getpid()).at(0);
  {
    ComputeClient client(fork_server, job());
    client.use_references(references());
    client.submit(order(0, trapped_image()));
    ASSERT_GT(trap_.caught(), 0);
    EXPECT_EQ(test::children_of(server).size(), 1U);
  }
  EXPECT_TRUE(test::eventually([&] { return test::children_of(server).empty(); }));
  EXPECT_EQ(test::children_of(::getpid()), std::vector<pid_t>{server});
}

TEST_F(ComputeLifetimeTest, NothingIsLeftAfterAForkServer) {
  auto fork_server = std::make_unique<ForkServer>();
  {
    ComputeClient client(*fork_server, job());
    client.use_references(references());
    (void)ready(client);
  }
  EXPECT_EQ(test::children_of(::getpid()).size(), 1U);
  fork_server.reset();
  EXPECT_TRUE(test::children_of(::getpid()).empty());
}

// The rank decides about the job; a signal to the whole group must not cost images.
TEST_F(ComputeLifetimeTest, TheJobsSignalsAreTheRanksAffair) {
  ForkServer fork_server;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  const std::string path = trapped_image();
  client.submit(order(0, path));
  const pid_t compute = trap_.caught();
  ASSERT_GT(compute, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP}) {
    ASSERT_EQ(::kill(compute, signal), 0);
    ASSERT_EQ(::kill(test::parent_of(compute), signal), 0);
  }
  trap_.release(Fate::go_on);
  expect_matched(next_result(client), 0, path);
  EXPECT_FALSE(trap_.has_caught()) << "it was not computed twice";
}

TEST_F(ComputeLifetimeTest, CallsThrowOnceTheForkServerIsKilled) {
  ForkServer fork_server;
  const pid_t server = test::children_of(::getpid()).at(0);
  ComputeClient client(fork_server, job());
  client.use_references(references());
  client.submit(order(0, trapped_image()));
  const pid_t compute = trap_.caught();
  ASSERT_GT(compute, 0);
  const ProcessHandle server_process(server);
  const ProcessHandle compute_process(compute);
  ASSERT_EQ(::kill(server, SIGKILL), 0);
  EXPECT_TRUE(server_process.wait_for_end());
  EXPECT_TRUE(compute_process.wait_for_end()) << "it ends with its server";
  EXPECT_THROW((void)next_result(client), std::runtime_error);
  EXPECT_THROW((void)client.try_event(), std::runtime_error) << "and from now on";
  EXPECT_THROW(fork_server.request_end(), std::runtime_error);
  EXPECT_THROW((void)fork_server.try_reply(), std::runtime_error);
  EXPECT_THROW(ComputeClient(fork_server, job()), std::runtime_error);
}

// Processes that this test's fork server forks end at once while this is set.
bool stillborn = false;
pid_t test_process = 0;

void end_stillborn() {
  if (stillborn && ::getppid() != test_process) {
    ::_exit(5);
  }
}

TEST_F(ComputeLifetimeTest, SaysThatComputeProcessesCannotStart) {
  ASSERT_EQ(::pthread_atfork(nullptr, nullptr, end_stillborn), 0);
  stillborn = true;
  test_process = ::getpid();
  ForkServer fork_server;
  stillborn = false;
  ComputeClient client(fork_server, job());
  client.use_references(references());
  try {
    EXPECT_EQ(ready(client).kernel, "") << "it has started";
    ADD_FAILURE() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("exited with status 5"), std::string::npos)
        << error.what();
  }
}

TEST_F(ComputeLifetimeTest, ManyClientsCanFollowEachOther) {
  ForkServer fork_server;
  for (int round = 0; round < 10; ++round) {
    ComputeClient client(fork_server, job());
    client.use_references(references());
    client.submit(order(0, reference_));
    expect_matched(next_result(client), 0, reference_);
  }
}

TEST(ProcessEnd, IsToldInWords) {
  EXPECT_EQ((ProcessEnd{.known = true, .exit_status = 0, .signal = 11}).describe(),
            "was killed by signal 11 (Segmentation fault)");
  EXPECT_EQ((ProcessEnd{.known = true, .exit_status = 3, .signal = 0}).describe(),
            "exited with status 3");
  EXPECT_NE(ProcessEnd{}.describe(), "exited with status 0");
}

}  // namespace
}  // namespace bundle_match::compute

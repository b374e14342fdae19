// What launchers' environments mean, on made-up ones.
// SPDX-License-Identifier: Apache-2.0
#include "process/launch.hpp"

#include "support/id_literals.hpp"
#include "support/processes.hpp"
#include "support/scoped_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bundle_match::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kRankVariables[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                          "SLURM_PROCID"};

// Without any launcher, whatever these tests themselves were launched by.
class LaunchTest : public testing::Test {
 protected:
  LaunchTest() {
    for (const char* name : kRankVariables) {
      environment_.unset(name);
    }
    environment_.unset("OMPI_COMM_WORLD_SIZE");
    environment_.unset("SLURM_NTASKS");
  }

  test::ScopedEnvironment environment_;
};

TEST_F(LaunchTest, AnnouncesNoRankWithoutALauncher) { EXPECT_EQ(announced_rank(), std::nullopt); }

TEST_F(LaunchTest, AnnouncesTheRankOfEveryLauncher) {
  for (const char* name : kRankVariables) {
    for (const int rank : {0, 7, 100000}) {
      environment_.set(name, std::to_string(rank));
      EXPECT_EQ(announced_rank(), Rank(rank)) << name;
    }
    environment_.unset(name);
  }
}

// mpirun inside a Slurm job: the batch script is Slurm's process 0, the ranks are mpirun's.
TEST_F(LaunchTest, AnnouncesMpirunsRankInsideASlurmJob) {
  environment_.set("SLURM_PROCID", "0");
  environment_.set("OMPI_COMM_WORLD_RANK", "3");
  EXPECT_EQ(announced_rank(), 3_rank);
}

TEST_F(LaunchTest, AnnouncesNothingThatIsNoNumber) {
  for (const char* value : {"", "x", "-", " 1", "99999999999999999999"}) {
    environment_.set("PMI_RANK", value);
    EXPECT_EQ(announced_rank(), std::nullopt) << "'" << value << "'";
  }
}

TEST_F(LaunchTest, IsConnectedWithoutSlurm) { EXPECT_EQ(why_not_connected(1), std::nullopt); }

TEST_F(LaunchTest, IsConnectedWhenTheWorldHasSeveralRanks) {
  environment_.set("SLURM_NTASKS", "4");
  EXPECT_EQ(why_not_connected(4), std::nullopt);
  EXPECT_EQ(why_not_connected(2), std::nullopt);
}

TEST_F(LaunchTest, IsNotConnectedWhenEverySlurmTaskIsAlone) {
  environment_.set("SLURM_NTASKS", "4");
  const auto why = why_not_connected(1);
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, AllOf(HasSubstr("4"), HasSubstr("SLURM_NTASKS"), HasSubstr("srun --mpi=pmix")));
  EXPECT_EQ(why->find('\n'), std::string::npos);
}

TEST_F(LaunchTest, IsConnectedForASlurmJobOfOneTask) {
  environment_.set("SLURM_NTASKS", "1");
  EXPECT_EQ(why_not_connected(1), std::nullopt);
}

TEST_F(LaunchTest, IsConnectedWhenMpirunWasAskedForOneRank) {
  environment_.set("SLURM_NTASKS", "4");
  environment_.set("OMPI_COMM_WORLD_SIZE", "1");
  EXPECT_EQ(why_not_connected(1), std::nullopt);
}

TEST(MemoryShare, IsAnEvenShareOfLessThanTheNode) {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  std::uint64_t total_kib = 0;
  meminfo >> key >> total_kib;
  ASSERT_GT(total_kib, 0U);
  const std::uint64_t all = memory_share_bytes(1);
  EXPECT_GT(all, 0U);
  EXPECT_LE(all, total_kib * 1024 / 10 * 9);
  for (const int ranks : {2, 3, 64, 1000}) {
    const auto count = static_cast<std::uint64_t>(ranks);
    EXPECT_LE(memory_share_bytes(ranks) * count, all);
    EXPECT_GE((memory_share_bytes(ranks) + 1) * count, all);
  }
}

TEST(MemoryShare, TakesNonsenseForOneRank) {
  EXPECT_EQ(memory_share_bytes(0), memory_share_bytes(1));
  EXPECT_EQ(memory_share_bytes(-3), memory_share_bytes(1));
}

// A process that waits, as if a launcher had started it; killed at the end of the test.
class StartedProcess {
 public:
  explicit StartedProcess(const std::vector<const char*>& environment) {
    std::vector<char*> envp;
    envp.reserve(environment.size() + 1);
    for (const char* entry : environment) {
      envp.push_back(const_cast<char*>(entry));
    }
    envp.push_back(nullptr);
    // Once it returns, the environment is the new one; a thread sanitizer makes vfork() a fork().
    const char* argv[] = {"sleep", "1000", nullptr};
    EXPECT_EQ(
        ::posix_spawn(&pid_, "/bin/sleep", nullptr, nullptr, const_cast<char**>(argv), envp.data()),
        0);
  }
  ~StartedProcess() {
    if (pid_ > 0) {  // else it was not started
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  StartedProcess(const StartedProcess&) = delete;
  StartedProcess& operator=(const StartedProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool runs() const { return test::state_of(pid_) != 'Z'; }

 private:
  pid_t pid_ = -1;
};

TEST_F(LaunchTest, KillsOnlyThatRankOfThisJob) {
  environment_.set("PMIX_NAMESPACE", "launch_test.1");
  const StartedProcess other_rank({"PMIX_NAMESPACE=launch_test.1", "PMIX_RANK=34"});
  const StartedProcess other_job({"PMIX_NAMESPACE=launch_test.12", "PMIX_RANK=3"});
  const StartedProcess no_rank({"PMIX_NAMESPACE=launch_test.1"});
  const StartedProcess that_rank({"A=B", "PMIX_RANK=3", "PMIX_NAMESPACE=launch_test.1"});
  ASSERT_TRUE(test::stop_process(that_rank.pid()));
  const test::ProcessHandle handle(that_rank.pid());
  kill_rank_on_this_node(3_rank);
  EXPECT_TRUE(handle.wait_for_end());
  EXPECT_TRUE(other_rank.runs());
  EXPECT_TRUE(other_job.runs());
  EXPECT_TRUE(no_rank.runs());
}

TEST_F(LaunchTest, KillsNobodyWithoutALauncher) {
  environment_.unset("PMIX_NAMESPACE");
  const StartedProcess process({"PMIX_NAMESPACE=", "PMIX_RANK=3"});
  kill_rank_on_this_node(3_rank);
  EXPECT_TRUE(process.runs());
}

}  // namespace
}  // namespace bundle_match::app

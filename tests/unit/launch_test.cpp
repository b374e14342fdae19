// What launchers' environments mean, on made-up ones.
// SPDX-License-Identifier: Apache-2.0
#include "launch.hpp"

#include "support/scoped_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

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
      EXPECT_EQ(announced_rank(), rank) << name;
    }
    environment_.unset(name);
  }
}

// mpirun inside a Slurm job: the batch script is Slurm's process 0, the ranks are mpirun's.
TEST_F(LaunchTest, AnnouncesMpirunsRankInsideASlurmJob) {
  environment_.set("SLURM_PROCID", "0");
  environment_.set("OMPI_COMM_WORLD_RANK", "3");
  EXPECT_EQ(announced_rank(), 3);
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

}  // namespace
}  // namespace bundle_match::app

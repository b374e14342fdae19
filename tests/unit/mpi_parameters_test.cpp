// When Open MPI's messaging layer is chosen, by made-up environments and parameter files.
// SPDX-License-Identifier: Apache-2.0
#include "process/mpi_parameters.hpp"

#include "support/scoped_environment.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace bundle_match::app {
namespace {

class MpiParametersTest : public testing::Test {
 protected:
  MpiParametersTest() {
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", "PMIX_RANK",
                             "PMI_RANK", "SLURM_STEP_NUM_NODES", "OMPI_MCA_pml", "OMPI_MCA_mtl",
                             "OMPI_MCA_mca_base_param_files"}) {
      environment_.unset(name);
    }
  }

  // What becomes of the parameter with these lines in the user's file.
  std::string chosen(std::string_view lines = "") {
    test::write_file(dir_ / "mca-params.conf", lines);
    choose_messaging_layer({dir_ / "missing.conf", dir_ / "mca-params.conf"});
    const char* const value = std::getenv("OMPI_MCA_pml");
    return value != nullptr ? value : "";
  }

  void set_ranks(const char* all, const char* here) {
    environment_.set("OMPI_COMM_WORLD_SIZE", all);
    environment_.set("OMPI_COMM_WORLD_LOCAL_SIZE", here);
  }

  test::ScopedEnvironment environment_;
  test::TempDir dir_;
};

TEST_F(MpiParametersTest, Ob1IfAllRanksAreHere) {
  set_ranks("8", "8");
  EXPECT_EQ(chosen(), "ob1");
}

TEST_F(MpiParametersTest, NothingIfRanksAreElsewhere) {
  set_ranks("8", "4");
  EXPECT_EQ(chosen(), "");
}

TEST_F(MpiParametersTest, Ob1WithoutALauncher) { EXPECT_EQ(chosen(), "ob1"); }

TEST_F(MpiParametersTest, NothingUnderALauncherThatDoesNotTell) {
  environment_.set("PMIX_RANK", "0");
  EXPECT_EQ(chosen(), "");
}

TEST_F(MpiParametersTest, OnOneNodeOfSlurm) {
  environment_.set("PMIX_RANK", "0");
  environment_.set("SLURM_STEP_NUM_NODES", "2");
  EXPECT_EQ(chosen(), "");
  environment_.set("SLURM_STEP_NUM_NODES", "1");
  EXPECT_EQ(chosen(), "ob1");
}

TEST_F(MpiParametersTest, WhatTheUserNames) {
  for (const char* value : {"ucx", "cm", "^ob1", "^ucx,ob1"}) {
    environment_.set("OMPI_MCA_pml", value);
    EXPECT_EQ(chosen(), value);
  }
  environment_.unset("OMPI_MCA_pml");
  environment_.set("OMPI_MCA_mtl", "psm2");
  EXPECT_EQ(chosen(), "");
  environment_.unset("OMPI_MCA_mtl");
  environment_.set("OMPI_MCA_mca_base_param_files", "elsewhere.conf");
  EXPECT_EQ(chosen(), "");
}

TEST_F(MpiParametersTest, WhatAFileNames) {
  for (const char* lines :
       {"pml = ucx\n", "# pml = ob1\n pml=cm", "mtl = psm2\n", "pml = ^ob1\n"}) {
    EXPECT_EQ(chosen(lines), "") << lines;
  }
}

TEST_F(MpiParametersTest, Ob1IfOthersAreRuledOutOrTuned) {
  for (const char* lines : {"pml = ^ucx\nmtl = ^ofi\nbtl = ^uct,openib,ofi\n", "#pml = ucx\n",
                            "pml_ob1_verbose = 1\n", "btl_tcp_if_include = eth0\n"}) {
    environment_.unset("OMPI_MCA_pml");
    EXPECT_EQ(chosen(lines), "ob1") << lines;
  }
}

}  // namespace
}  // namespace bundle_match::app

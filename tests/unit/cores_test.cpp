// When a rank is told that its threads share cores.
// SPDX-License-Identifier: Apache-2.0
#include "cores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bundle_match::compute {
namespace {

using testing::HasSubstr;

TEST(Cores, AreEnoughForOneThread) {
  EXPECT_EQ(why_threads_share_cores(1, 1, 64), "");
  EXPECT_EQ(why_threads_share_cores(4, 4, 64), "");
}

TEST(Cores, ThatTheMachineDoesNotHaveCannotBeGiven) {
  EXPECT_EQ(why_threads_share_cores(4, 2, 2), "");
  EXPECT_EQ(why_threads_share_cores(8, 1, 1), "");
}

TEST(Cores, ThatOthersHaveAreToldWithTheOptionsThatGiveThem) {
  const std::string told = why_threads_share_cores(4, 1, 64);
  EXPECT_THAT(told, HasSubstr("bound to 1 core, fewer than --threads 4"));
  EXPECT_THAT(told, HasSubstr("--bind-to none"));
  EXPECT_THAT(told, HasSubstr("--map-by slot:PE=4"));
  EXPECT_THAT(told, HasSubstr("--cpus-per-task=4"));
  EXPECT_THAT(why_threads_share_cores(4, 3, 64), HasSubstr("bound to 3 cores"));
  EXPECT_THAT(why_threads_share_cores(8, 1, 2), HasSubstr("bound to 1 core")) << "two are better";
}

}  // namespace
}  // namespace bundle_match::compute

// Which cores a thread has, and binding it to some of them.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/cores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sched.h>
#include <thread>

namespace bundle_match {
namespace {

TEST(Cores, OfAThreadAreThoseTheKernelTells) {
  cpu_set_t set;
  CPU_ZERO(&set);
  ASSERT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  const std::vector<std::uint16_t> cores = allowed_cores();
  EXPECT_EQ(static_cast<int>(cores.size()), CPU_COUNT(&set));
  EXPECT_TRUE(std::ranges::all_of(cores, [&](int core) { return CPU_ISSET(core, &set); }));
  EXPECT_TRUE(std::ranges::is_sorted(cores));
}

TEST(Cores, BindTheCallingThreadAlone) {
  const std::vector<std::uint16_t> all = allowed_cores();
  std::vector<std::uint16_t> bound;
  std::thread([&] {
    if (run_on_cores({all.back()})) {
      bound = allowed_cores();
    }
  }).join();
  EXPECT_EQ(bound, std::vector<std::uint16_t>{all.back()});
  EXPECT_EQ(allowed_cores(), all);
}

TEST(Cores, ThatAreNotThereLeaveEverythingAsItIs) {
  const std::vector<std::uint16_t> all = allowed_cores();
  EXPECT_FALSE(run_on_cores({}));
  EXPECT_FALSE(run_on_cores({0xffff}));
  EXPECT_EQ(allowed_cores(), all);
}

// Of the cores that are meant, those that there are.
TEST(Cores, MayBePartlyThere) {
  const std::vector<std::uint16_t> all = allowed_cores();
  std::vector<std::uint16_t> bound;
  std::thread([&] {
    if (run_on_cores({all.front(), 0xfffe})) {
      bound = allowed_cores();
    }
  }).join();
  EXPECT_EQ(bound, std::vector<std::uint16_t>{all.front()});
}

}  // namespace
}  // namespace bundle_match

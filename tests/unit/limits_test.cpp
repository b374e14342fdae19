// The limits of a compute process, each set in a child.
// SPDX-License-Identifier: Apache-2.0
#include "limits.hpp"

#include "forked_child.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace bundle_match::compute {
namespace {

using test::in_child;

constexpr std::size_t kMiB = std::size_t{1} << 20;

rlim_t soft_limit(decltype(RLIMIT_CPU) resource) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  return limit.rlim_cur;
}

bool can_reserve(std::size_t bytes) {
  void* place =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) {
    return false;
  }
  ::munmap(place, bytes);
  return true;
}

TEST(LimitsTest, BoundsAddresses) {
  const auto end = in_child([]() -> std::string {
    const bool before = can_reserve(4096 * kMiB);
    limit_memory(512 * kMiB);
    return std::string(before ? "yes" : "no") + (can_reserve(1024 * kMiB) ? " yes" : " no") +
           (can_reserve(4096 * kMiB) ? " yes" : " no");
  });
  EXPECT_EQ(end.said, "yes yes no");
}

TEST(LimitsTest, LeavesHelpersWhatTheyNeed) {
  const auto end = in_child([]() -> std::string {
    limit_memory(64 * kMiB, 1, 2, 100 * kMiB);
    std::string said;
    for (const std::size_t mib : {250U, 350U}) {
      said += ::mmap(nullptr, mib * kMiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                     0) == MAP_FAILED
                  ? " no"
                  : " yes";
    }
    return said;
  });
  EXPECT_EQ(end.said, " yes no");
}

TEST(LimitsTest, ZeroLeavesMemoryAsItIs) {
  const auto end = in_child([] {
    const rlim_t before = soft_limit(RLIMIT_AS);
    limit_memory(0);
    return std::string(soft_limit(RLIMIT_AS) == before ? "same" : "changed");
  });
  EXPECT_EQ(end.said, "same");
}

TEST(LimitsTest, AHugeLimitIsNoLimit) {
  const auto end = in_child([] {
    limit_memory(~std::uint64_t{0});
    return std::string(can_reserve(4096 * kMiB) ? "yes" : "no");
  });
  EXPECT_EQ(end.said, "yes");
}

TEST(LimitsTest, CutsLongComplaints) {
  const auto end = in_child([]() -> std::string {
    const int memory = ::memfd_create("test", MFD_CLOEXEC);
    limit_files();
    const std::string words(kMiB, 'x');
    const ssize_t first = ::write(memory, words.data(), words.size());
    const ssize_t second = ::write(memory, words.data(), words.size());
    return std::to_string(first) + " " + std::to_string(second < 0 ? errno : 0);
  });
  EXPECT_EQ(end.said, "65536 " + std::to_string(EFBIG)) << "signal " << end.signal();
}

TEST(LimitsTest, BoundsOpenFiles) {
  const auto end = in_child([] {
    limit_files();
    int opened = 0;
    while (opened < 1000 && ::open("/", O_RDONLY) >= 0) {
      ++opened;
    }
    return std::to_string(opened);
  });
  EXPECT_GT(std::stoi(end.said), 40);
  EXPECT_LT(std::stoi(end.said), 64);
}

TEST(LimitsTest, GivesEveryImageItsCpuTime) {
  const auto end = in_child([]() -> std::string {
    limit_cpu(10);
    const rlim_t first = soft_limit(RLIMIT_CPU);
    rusage used{};
    while (used.ru_utime.tv_sec + used.ru_stime.tv_sec < 1) {
      ::getrusage(RUSAGE_SELF, &used);
    }
    limit_cpu(10);
    const rlim_t second = soft_limit(RLIMIT_CPU);
    limit_cpu(1e300);
    const bool long_time = soft_limit(RLIMIT_CPU) > 900'000'000;
    return first >= 15 && first <= 18 && second > first && second <= first + 3 && long_time
               ? "ok"
               : std::to_string(first) + " " + std::to_string(second);
  });
  EXPECT_EQ(end.said, "ok");
}

TEST(LimitsTest, NeverRaisesACpuLimitFromOutside) {
  const auto end = in_child([] {
    const rlimit outside{7, 7};
    ::setrlimit(RLIMIT_CPU, &outside);
    limit_cpu(100);
    return std::to_string(soft_limit(RLIMIT_CPU));
  });
  EXPECT_EQ(end.said, "7");
}

TEST(LimitsTest, ClosesWhatTheLauncherLeftOpen) {
  const auto end = in_child([] {
    const int launchers = ::open("/", O_RDONLY);
    const int ours = ::open("/", O_RDONLY | O_CLOEXEC);
    close_inherited_files();
    return std::string(::fcntl(launchers, F_GETFD) < 0 ? "closed" : "open") +
           (::fcntl(ours, F_GETFD) < 0 ? " closed" : " open");
  });
  EXPECT_EQ(end.said, "closed open");
}

}  // namespace
}  // namespace bundle_match::compute

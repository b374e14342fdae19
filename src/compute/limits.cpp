// Limits through setrlimit, heap policy through mallopt.
// SPDX-License-Identifier: Apache-2.0
#include "limits.hpp"

#include "bundle_match/features/feature_set.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <malloc.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::compute {
namespace {

constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{1} << 60;  // no sum overflows

// What mappings of read files, the reserved heaps of threads and their stacks may take; and what
// images of the set of references do.
constexpr std::uint64_t kAddressSlackBytes =
    (std::uint64_t{1} << 30) + features::MappedFeatures::kMostMappedBytes;

// What the C library reserves for a thread: its stack, and a heap that it may grow into.
constexpr std::uint64_t kStackBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kThreadAddressBytes = kStackBytes + (std::uint64_t{128} << 20);

// Beyond the time-out, for the rank's reaction and the reading thread.
constexpr double kCpuSlackS = 5;
constexpr double kLongTimeS = 1e9;  // fits every type

constexpr rlim_t kMaxFileBytes = 64 << 10;
constexpr rlim_t kMaxFiles = 64;

// This process's memory of a kind now, in bytes (keys of proc(5): "VmData:" is private writable
// memory, "VmSize:" all addresses); 0 if not known.
std::uint64_t memory_bytes(std::string_view kind) {
  std::ifstream status("/proc/self/status");
  std::string key;
  while (status >> key) {
    if (key == kind) {
      std::uint64_t kib = 0;
      status >> kib;
      return kib * 1024;
    }
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

// Lowers both the soft and the hard limit; never raises what the job's starter has set.
void lower_limit(decltype(RLIMIT_DATA) resource, rlim_t value) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) == 0) {
    value = std::min(value, limit.rlim_max);
    const rlimit both{std::min(value, limit.rlim_cur), value};
    ::setrlimit(resource, &both);
  }
}

}  // namespace

void limit_memory(std::uint64_t bytes, int threads, int helpers, std::uint64_t helper_bytes) {
  if (bytes == 0) {
    return;
  }
  bytes = std::min(bytes, kMaxMemoryBytes);
  const auto more_threads = static_cast<std::uint64_t>(std::max(threads - 1, 0) + helpers);
  bytes += static_cast<std::uint64_t>(helpers) * helper_bytes;
  lower_limit(RLIMIT_DATA, memory_bytes("VmData:") + bytes + more_threads * kStackBytes);
  if (const std::uint64_t addresses = memory_bytes("VmSize:"); addresses != 0) {
    lower_limit(RLIMIT_AS,
                addresses + bytes + kAddressSlackBytes + more_threads * kThreadAddressBytes);
  }
}

void limit_cpu(double timeout_s, int threads) {
  rusage used{};
  rlimit limit{};
  if (::getrusage(RUSAGE_SELF, &used) != 0 || ::getrlimit(RLIMIT_CPU, &limit) != 0) {
    return;
  }
  // Two parts of a second round up to at most two seconds.
  const rlim_t now = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 2;
  const double allowed_s = std::min(std::ceil(timeout_s * threads + kCpuSlackS), kLongTimeS);
  limit.rlim_cur = std::min(limit.rlim_max, now + static_cast<rlim_t>(allowed_s));
  ::setrlimit(RLIMIT_CPU, &limit);
}

void limit_files() {
  ::signal(SIGXFSZ, SIG_IGN);
  lower_limit(RLIMIT_FSIZE, kMaxFileBytes);
  lower_limit(RLIMIT_NOFILE, kMaxFiles);
}

void close_inherited_files() {
  std::vector<int> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    files.push_back(std::stoi(entry.path().filename()));
  }
  for (const int file : files) {  // one of them is the listing itself, closed by now
    const int flags = ::fcntl(file, F_GETFD);
    if (file > STDERR_FILENO && flags >= 0 && (flags & FD_CLOEXEC) == 0) {
      ::close(file);
    }
  }
}

void disable_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

void keep_freed_memory() {
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, -1);
  ::mallopt(M_TOP_PAD, 16 << 20);
  ::mallopt(M_ARENA_MAX, 1);  // a heap for each thread would have such a pad each
}

}  // namespace bundle_match::compute

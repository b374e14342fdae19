// Limits through setrlimit, heap policy through mallopt.
// SPDX-License-Identifier: Apache-2.0
#include "limits.hpp"

#include <fstream>
#include <limits>
#include <malloc.h>
#include <string>
#include <sys/resource.h>

namespace bundle_match::compute {
namespace {

// Private writable memory of this process now, in bytes (VmData of proc(5)); 0 if not known.
std::uint64_t data_bytes() {
  std::ifstream status("/proc/self/status");
  std::string key;
  while (status >> key) {
    if (key == "VmData:") {
      std::uint64_t kib = 0;
      status >> kib;
      return kib * 1024;
    }
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace

void limit_memory(std::uint64_t bytes) {
  if (bytes != 0) {
    const rlim_t limit = data_bytes() + bytes;
    const rlimit both{limit, limit};
    ::setrlimit(RLIMIT_DATA, &both);
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
}

}  // namespace bundle_match::compute

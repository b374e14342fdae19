// sched_getaffinity and sched_setaffinity, of machines of any size.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/cores.hpp"

#include <cerrno>
#include <cstddef>
#include <limits>
#include <memory>
#include <sched.h>

namespace bundle_match {
namespace {

// As many as numbers of 16 bits tell apart.
constexpr std::size_t kMostCores = std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1;

struct Free {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

class Mask {
 public:
  explicit Mask(std::size_t cores) : bytes_(CPU_ALLOC_SIZE(cores)), set_(CPU_ALLOC(cores)) {
    CPU_ZERO_S(bytes_, set_.get());
  }

  [[nodiscard]] cpu_set_t* get() { return set_.get(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  void add(std::size_t core) { CPU_SET_S(core, bytes_, set_.get()); }
  [[nodiscard]] bool has(std::size_t core) const { return CPU_ISSET_S(core, bytes_, set_.get()); }

 private:
  std::size_t bytes_;
  std::unique_ptr<cpu_set_t, Free> set_;
};

}  // namespace

std::vector<std::uint16_t> allowed_cores() {
  // The kernel refuses masks that are shorter than its own (EINVAL).
  for (std::size_t most = CPU_SETSIZE; most <= kMostCores; most *= 4) {
    Mask mask(most);
    if (::sched_getaffinity(0, mask.bytes(), mask.get()) == 0) {
      std::vector<std::uint16_t> cores;
      for (std::size_t core = 0; core < most; ++core) {
        if (mask.has(core)) {
          cores.push_back(static_cast<std::uint16_t>(core));
        }
      }
      return cores;
    }
    if (errno != EINVAL) {
      break;
    }
  }
  return {};
}

bool run_on_cores(const std::vector<std::uint16_t>& cores) {
  Mask mask(kMostCores);
  for (const std::uint16_t core : cores) {
    mask.add(core);
  }
  return ::sched_setaffinity(0, mask.bytes(), mask.get()) == 0;
}

}  // namespace bundle_match

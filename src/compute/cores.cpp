// The cores that the threads of this process have, beside those of the machine.
// SPDX-License-Identifier: Apache-2.0
#include "cores.hpp"

#include "bundle_match/posix/cores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace bundle_match::compute {

std::string why_threads_share_cores(int threads, int allowed_cores, int cores_of_machine) {
  if (allowed_cores >= std::min(threads, cores_of_machine)) {
    return {};
  }
  return fmt::format(
      "it is bound to {} {}, fewer than --threads {}; mpirun gives each rank more with --bind-to "
      "none or --map-by slot:PE={}, srun with --cpus-per-task={}",
      allowed_cores, allowed_cores == 1 ? "core" : "cores", threads, threads, threads);
}

std::string why_threads_share_cores(int threads) {
  const auto allowed = static_cast<int>(allowed_cores().size());
  return allowed == 0 ? std::string()
                      : why_threads_share_cores(threads, allowed,
                                                static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace bundle_match::compute

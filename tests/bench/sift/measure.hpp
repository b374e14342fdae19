// What a benchmark measures: wall clock, processor time, and the memory of a process of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

namespace bundle_match::bench {

struct Elapsed {
  double wall_ms = 0;
  double cpu_ms = 0;  ///< of the process: other load on the machine hardly changes it
};

[[nodiscard]] Elapsed time_of(const std::function<void()>& work);
[[nodiscard]] double median(std::vector<double> values);

/// Peak resident memory of a child process that does this work and ends; 0 if it fails. To be
/// called before the caller has threads or much memory of its own.
[[nodiscard]] double peak_megabytes(const std::function<void()>& work);

}  // namespace bundle_match::bench

// Collects the medians of a benchmark run and prints them as one table of ratios.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

namespace bundle_match::bench {

/// The console reporter, which also remembers the median multiply-adds/s of every benchmark.
class SummaryReporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override;

  /// Prints what the medians say of `matchers` at `sizes` descriptors a side, beside the ceilings
  /// and relative to the first matcher. Benchmarks are named "ceiling/KERNEL" and "MATCHER/SIZE".
  void print_summary(const std::vector<std::string>& matchers,
                     const std::vector<std::size_t>& sizes) const;

 private:
  /// 0 if the benchmark didn't run.
  [[nodiscard]] double median(const std::string& benchmark) const;

  std::map<std::string, double> medians_;  // multiply-adds/s by name
};

}  // namespace bundle_match::bench

// The table at the end of matching_bench.
// SPDX-License-Identifier: Apache-2.0
#include "summary.hpp"

#include <algorithm>
#include <cstdio>

namespace bundle_match::bench {
namespace {

void print_cell(const char* format, double value) {
  if (value > 0) {
    std::printf(format, value);
  } else {
    std::printf(" %8s", "-");
  }
}

}  // namespace

void SummaryReporter::ReportRuns(const std::vector<Run>& runs) {
  benchmark::ConsoleReporter::ReportRuns(runs);
  for (const Run& run : runs) {
    const auto rate = run.counters.find("mac/s");
    if (run.run_type == Run::RT_Aggregate && run.aggregate_name == "median" &&
        rate != run.counters.end()) {
      medians_[run.run_name.function_name] = rate->second;
    }
  }
}

double SummaryReporter::median(const std::string& benchmark) const {
  const auto found = medians_.find(benchmark);
  return found == medians_.end() ? 0 : found->second;
}

void SummaryReporter::print_summary(const std::vector<std::string>& matchers,
                                    const std::vector<std::size_t>& sizes) const {
  double best_ceiling = 0;
  for (const std::string& matcher : matchers) {
    best_ceiling = std::max(best_ceiling, median("ceiling/" + matcher));
  }
  std::printf(
      "\nMedian G multiply-adds/s by descriptors a side. own, best: share of the ceiling of\n"
      "the kernel's own instruction and of the best one; x: times %s; both at 5000.\n\n",
      matchers.front().c_str());
  std::printf("%-14s", "");
  for (const std::size_t size : sizes) {
    std::printf(" %8zu", size);
  }
  std::printf(" %8s %8s %8s %8s\n", "ceiling", "own", "best", "x");
  for (const std::string& matcher : matchers) {
    std::printf("%-14s", matcher.c_str());
    for (const std::size_t size : sizes) {
      print_cell(" %8.1f", median(matcher + "/" + std::to_string(size)) / 1e9);
    }
    const double at_5000 = median(matcher + "/5000");
    const double ceiling = median("ceiling/" + matcher);
    const double baseline = median(matchers.front() + "/5000");
    print_cell(" %8.1f", ceiling / 1e9);
    print_cell(" %7.1f%%", ceiling > 0 ? 100 * at_5000 / ceiling : 0);
    print_cell(" %7.1f%%", best_ceiling > 0 ? 100 * at_5000 / best_ceiling : 0);
    print_cell(" %8.1f", baseline > 0 ? at_5000 / baseline : 0);
    std::printf("\n");
  }
}

}  // namespace bundle_match::bench

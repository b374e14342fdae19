// How fast every kernel matches on this core: beside cv::BFMatcher and beside the ceiling of its
// instruction, in one run, with repetitions that take turns because other programs disturb them.
//
// Usage: matching_bench [Google Benchmark's options, e.g. --benchmark_filter=5000]
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/kernel.hpp"
#include "ceiling.hpp"
#include "summary.hpp"

#include <benchmark/benchmark.h>
#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace bundle_match::bench {
namespace {

using matching::kDescriptorSize;
using matching::Kernel;

const std::vector<std::size_t> kSizes = {500, 1000, 5000, 20000};
constexpr std::size_t kLargestForOpenCv = 5000;  // 20000 x 20000 takes it 9 s
constexpr const char* kOpenCv = "cv::BFMatcher";

// Bytes of SIFT's range: most of them small.
std::vector<std::uint8_t> make_descriptors(std::size_t rows, std::uint32_t seed) {
  std::vector<std::uint8_t> bytes(rows * kDescriptorSize);
  std::mt19937 random(seed);
  for (std::uint8_t& byte : bytes) {
    const auto bits = static_cast<std::uint32_t>(random());
    byte = static_cast<std::uint8_t>(bits & (bits >> 8) & 127);
  }
  return bytes;
}

void set_rate(benchmark::State& state, double multiply_adds) {
  state.counters["mac/s"] =
      benchmark::Counter(multiply_adds, benchmark::Counter::kIsIterationInvariantRate);
}

double multiply_adds_of(std::size_t rows) {
  return static_cast<double>(rows) * static_cast<double>(rows) * kDescriptorSize;
}

// A user's call: the query is packed once and stays, the train set comes anew.
void bench_kernel(benchmark::State& state, const Kernel& kernel, std::size_t rows) {
  const auto query = make_descriptors(rows, 1);
  const auto train = make_descriptors(rows, 2);
  const auto matcher = kernel.make_matcher({query.data(), rows});
  matching::NearestNeighbours nearest;
  while (state.KeepRunning()) {
    matcher->match({train.data(), rows}, nearest);
    benchmark::DoNotOptimize(mutual_matches(nearest).size());
  }
  set_rate(state, multiply_adds_of(rows));
}

void bench_opencv(benchmark::State& state, std::size_t rows) {
  const auto as_float = [rows](std::vector<std::uint8_t> bytes) {
    cv::Mat floats;
    cv::Mat(static_cast<int>(rows), kDescriptorSize, CV_8U, bytes.data()).convertTo(floats, CV_32F);
    return floats;
  };
  const cv::Mat query = as_float(make_descriptors(rows, 1));
  const cv::Mat train = as_float(make_descriptors(rows, 2));
  const cv::BFMatcher matcher(cv::NORM_L2, true);
  std::vector<cv::DMatch> matches;
  while (state.KeepRunning()) {
    matcher.match(query, train, matches);
    benchmark::DoNotOptimize(matches.size());
  }
  set_rate(state, multiply_adds_of(rows));
}

void bench_ceiling(benchmark::State& state, const Ceiling& ceiling) {
  while (state.KeepRunning()) {
    ceiling.run();
  }
  set_rate(state, static_cast<double>(ceiling.multiply_adds));
}

std::string name_of(std::string matcher, std::size_t rows) {
  matcher += '/';
  matcher += std::to_string(rows);
  return matcher;
}

template <class F>
void add([[maybe_unused]] const std::string& name, [[maybe_unused]] F f) {
#ifndef __clang_analyzer__  // takes Google Benchmark's registry for a leak
  benchmark::RegisterBenchmark(name.c_str(), f)->Unit(benchmark::kMillisecond);
#endif
}

// The names of all matchers; the first is what the others are compared with.
std::vector<std::string> register_all() {
  std::vector<std::string> matchers = {kOpenCv};
  for (const std::size_t rows : kSizes) {
    if (rows <= kLargestForOpenCv) {
      add(name_of(kOpenCv, rows), [rows](benchmark::State& state) { bench_opencv(state, rows); });
    }
  }
  for (const Kernel& kernel : matching::kernels()) {
    if (!kernel.supported()) {
      std::printf("skipped, not on this CPU: %s\n", std::string(kernel.name).c_str());
      continue;
    }
    matchers.emplace_back(kernel.name);
    for (const std::size_t rows : kSizes) {
      add(name_of(matchers.back(), rows),
          [&kernel, rows](benchmark::State& state) { bench_kernel(state, kernel, rows); });
    }
    for (const Ceiling& ceiling : ceilings()) {
      if (ceiling.kernel == kernel.name) {
        add("ceiling/" + matchers.back(),
            [&ceiling](benchmark::State& state) { bench_ceiling(state, ceiling); });
      }
    }
  }
  return matchers;
}

}  // namespace
}  // namespace bundle_match::bench

int main(int argc, char** argv) {
  cv::setNumThreads(1);
  // Defaults that the command line can override.
  std::vector<std::string> arguments = {
      argv[0], "--benchmark_repetitions=7", "--benchmark_enable_random_interleaving=true",
      "--benchmark_display_aggregates_only=true", "--benchmark_min_time=0.05"};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) {
    return 2;
  }
  const auto matchers = bundle_match::bench::register_all();
  bundle_match::bench::SummaryReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.print_summary(matchers, bundle_match::bench::kSizes);
  std::printf("\nfastest_kernel() takes %s\n",
              std::string(bundle_match::matching::fastest_kernel().name).c_str());
  return 0;
}

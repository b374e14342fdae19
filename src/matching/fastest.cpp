// Chooses the fastest kernel by a trial: which vector width wins differs between CPUs that have
// both.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/kernel.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

namespace bundle_match::matching {
namespace {

using Clock = std::chrono::steady_clock;

// 256 x 256 descriptors are 8 M multiply-adds: 50 us at the speed of VNNI, 1 ms at that of plain
// C++.
constexpr std::size_t kTrialRows = 256;
constexpr int kRounds = 7;

struct Entrant {
  const Kernel* kernel;
  std::unique_ptr<Matcher> matcher;
  Clock::duration best = Clock::duration::max();
};

std::vector<std::uint8_t> trial_descriptors() {
  std::vector<std::uint8_t> bytes(kTrialRows * kDescriptorSize);
  std::uint32_t state = 1;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525u + 1013904223u;  // Numerical Recipes' generator; any would do
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

// The shortest of several short runs, taken in turns: other programs only ever make a run longer,
// and a slow phase of the machine meets all entrants.
const Kernel* run_trial() {
  const std::vector<std::uint8_t> bytes = trial_descriptors();
  const DescriptorView descriptors{bytes.data(), kTrialRows};
  std::vector<Entrant> entrants;
  for (const Kernel& kernel : kernels()) {
    if (kernel.supported()) {
      entrants.push_back({&kernel, kernel.make_matcher(descriptors)});
    }
  }
  NearestNeighbours result;
  const auto by_time = [](const Entrant& a, const Entrant& b) { return a.best < b.best; };
  for (int round = 0; round < kRounds; ++round) {
    for (Entrant& entrant : entrants) {
      const auto start = Clock::now();
      entrant.matcher->match(descriptors, result);
      entrant.best = std::min(entrant.best, Clock::now() - start);
    }
    // Who is far behind does not cost the next rounds' time.
    const auto limit = 3 * std::min_element(entrants.begin(), entrants.end(), by_time)->best;
    std::erase_if(entrants, [limit](const Entrant& e) { return e.best > limit; });
  }
  return std::min_element(entrants.begin(), entrants.end(), by_time)->kernel;
}

}  // namespace

const Kernel& fastest_kernel() {
  static const Kernel* const fastest = run_trial();
  return *fastest;
}

}  // namespace bundle_match::matching

// Plays schedules of simulated runs: 100,000 of them, each from a seed of its own, made from one
// base seed that is printed. To play a schedule again, with all that happened before it went wrong:
//   simulation_test --seed=N
// Others: --base=N (another base seed), --schedules=N (another number of them).
// SPDX-License-Identifier: Apache-2.0
#include "schedule.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace bundle_match::simulation {
namespace {

struct Options {
  std::uint64_t base = 14;
  std::uint64_t schedules = 100'000;
  std::optional<std::uint64_t> seed;
};

Options& options() {
  static Options the_options;
  return the_options;
}

std::string text_of(std::uint64_t seed, const Violation& violation) {
  return std::string("violated: ") + violation.invariant + ": " + violation.what +
         "\nplay it again: simulation_test --seed=" + std::to_string(seed);
}

TEST(Simulation, EverySchedule) {
  const auto start = std::chrono::steady_clock::now();
  Random seeds(options().base);
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::cout << "base seed " << options().base << '\n';
  for (std::uint64_t i = 0; i < options().schedules; ++i) {
    const std::uint64_t seed = seeds.next();
    Trace trace;
    const Played played = play_schedule(seed, trace);
    runs += played.runs;
    events += played.events;
    ASSERT_FALSE(played.violation)
        << trace.text() << "schedule " << i + 1 << ", " << text_of(seed, *played.violation);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::cout << options().schedules << " schedules, " << runs << " runs, " << events << " events, "
            << elapsed.count() << " s\n";
}

TEST(Simulation, OneSchedule) {
  if (!options().seed) {
    GTEST_SKIP() << "no --seed";
  }
  Trace trace;
  const Played played = play_schedule(*options().seed, trace);
  std::cout << trace.text();
  EXPECT_FALSE(played.violation) << text_of(*options().seed, *played.violation);
}

bool take_option(std::string_view argument) {
  const auto value_of = [argument](std::string_view name) -> std::optional<std::uint64_t> {
    return argument.starts_with(name)
               ? std::optional(std::stoull(std::string(argument.substr(name.size()))))
               : std::nullopt;
  };
  if (const auto seed = value_of("--seed=")) {
    options().seed = seed;
    testing::GTEST_FLAG(filter) = "Simulation.OneSchedule";
  } else if (const auto base = value_of("--base=")) {
    options().base = *base;
  } else if (const auto schedules = value_of("--schedules=")) {
    options().schedules = *schedules;
  } else {
    return false;
  }
  return true;
}

}  // namespace
}  // namespace bundle_match::simulation

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (!bundle_match::simulation::take_option(argv[i])) {
      std::cerr << "unknown argument: " << argv[i] << '\n';
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}

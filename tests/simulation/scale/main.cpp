// What a large fleet does with a large collection: prints the figures.
// SPDX-License-Identifier: Apache-2.0
#include "fleet.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace bundle_match::scale {
namespace {

// Scenes of so many images, which stand in the input one of each scene after another; all images of
// a scene are matched with each other.
PairSet scattered_scenes(std::uint64_t images, std::uint64_t of_a_scene) {
  const std::uint64_t scenes = images / of_a_scene;
  std::vector<PairSet::Pair> pairs;
  for (std::uint64_t a = 0; a < images; ++a) {
    for (std::uint64_t b = a + scenes; b < images; b += scenes) {
      pairs.push_back({ImageIndex(a), ImageIndex(b)});
    }
  }
  return PairSet::of(images, std::move(pairs));
}

constexpr std::uint64_t kPartners = 50;
constexpr double kHostLostAt_s = 60;

void print(bool scattered, bool lost, const FleetReport& report) {
  std::uint64_t most_in = 0;
  std::uint64_t most_out = 0;
  std::uint64_t all = 0;
  for (const HostTraffic& host : report.hosts) {
    most_in = std::max(most_in, host.bytes_in);
    most_out = std::max(most_out, host.bytes_out);
    all += host.bytes_in;
  }
  const auto gigabytes = [](std::uint64_t bytes) { return static_cast<double>(bytes) / 1e9; };
  const HostTraffic& first = report.hosts.front();
  fmt::print(
      "{}{}: describing {:.1f} s, matching {:.1f} s; ranks busy {:.1f} %\n"
      "  rank 0 busy {:.1f} %, of it {:.2f} s of this processor in its machine; {:.2f} s to share "
      "tasks out\n"
      "  {} orders, {} images described again, {} events\n"
      "  {:.1f} GB between hosts; a host at most {:.2f} in, {:.2f} out; rank 0's {:.2f} in, {:.2f} "
      "out\n",
      scattered ? "scenes scattered over the input" : "a sequence", lost ? ", a host lost" : "",
      report.describing_s, report.matching_s, 100 * report.busy, 100 * report.rank_0_busy,
      report.rank_0_real_s, report.planning_real_s, report.orders, report.described_again,
      report.events, gigabytes(all), gigabytes(most_in), gigabytes(most_out),
      gigabytes(first.bytes_in), gigabytes(first.bytes_out));
}

int run(int argc, char** argv) {
  CLI::App app("A fleet describes images, 50 partners each, and matches them");
  std::uint64_t images = 100'000;
  double least_busy = 0;
  FleetPlan plan;
  app.add_option("--images", images);
  app.add_option("--ranks", plan.ranks);
  app.add_option("--hosts", plan.hosts);
  app.add_option("--least-busy", least_busy, "Return 1 if ranks are busy less, of 1");
  CLI11_PARSE(app, argc, argv);
  bool busy = true;
  for (const bool lost : {false, true}) {
    plan.host_lost_at_s = lost ? std::optional(kHostLostAt_s) : std::nullopt;
    for (const bool scattered : {false, true}) {
      const WorkPlan work = WorkPlan::among(scattered ? scattered_scenes(images, kPartners + 1)
                                                      : PairSet::window(images, kPartners / 2));
      const FleetReport report = play(plan, work);
      print(scattered, lost, report);
      busy = busy && (lost || report.busy >= least_busy);
    }
  }
  return busy ? 0 : 1;
}

}  // namespace
}  // namespace bundle_match::scale

int main(int argc, char** argv) {
  try {
    return bundle_match::scale::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fleet_simulation: %s\n", error.what());
    return 1;
  }
}

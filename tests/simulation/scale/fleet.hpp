// A large fleet that describes images and matches them with each other, event by event: the
// machines of rank 0 and of the workers are the program's own, what is around them is a model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/work_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bundle_match::scale {

struct FleetPlan {
  std::size_t ranks = 1000;
  std::size_t hosts = 63;
  double describe_s = 0.5;  ///< an image, give or take a fifth
  double pair_s = 0.01;
  double bytes_per_s = 125e6;       ///< of a host, in and out
  double latency_s = 100e-6;        ///< of a message from host to host
  double memory_bytes_per_s = 4e9;  ///< of a message within a host
  double rank_0_message_s = 15e-6;  ///< rank 0's work for a message, in or out
  double opening_s = 0.5;           ///< the sink's work for a stage
  std::uint64_t features_bytes = std::uint64_t{5000} * (128 + 24);  ///< of an image
  std::optional<double> host_lost_at_s;                             ///< the last of them
  std::uint64_t seed = 1;
};

/// What went over a host's network.
struct HostTraffic {
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

struct FleetReport {
  double describing_s = 0;
  double matching_s = 0;
  double busy = 0;             ///< of the ranks' time, from the first order to the last result
  double rank_0_busy = 0;      ///< of the run's time, by the model's cost of a message
  double rank_0_real_s = 0;    ///< of this processor, in the run's machine
  double planning_real_s = 0;  ///< likewise, to share the tasks out
  std::uint64_t orders = 0;
  std::uint64_t described_again = 0;
  std::uint64_t events = 0;
  std::vector<HostTraffic> hosts;
};

/// Throws std::logic_error if a pair is not matched once, or an order is worked on without its
/// features.
[[nodiscard]] FleetReport play(const FleetPlan& plan, const WorkPlan& work);

}  // namespace bundle_match::scale

// A schedule: some work, and as many simulated runs as it takes, all determined by one seed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace bundle_match::simulation {

struct Played {
  std::size_t runs = 0;
  std::size_t events = 0;
  std::optional<Violation> violation;
};

/// Plays it to its end or to the first violation; `trace` then holds what happened last.
[[nodiscard]] Played play_schedule(std::uint64_t seed, Trace& trace);

}  // namespace bundle_match::simulation

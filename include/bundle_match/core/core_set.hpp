// Cores of a host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace bundle_match {

/// The kernel's numbers of logical CPUs, sorted, each once.
using CoreSet = std::vector<std::uint16_t>;

[[nodiscard]] inline CoreSet united(const CoreSet& a, const CoreSet& b) {
  CoreSet both;
  std::ranges::set_union(a, b, std::back_inserter(both));
  return both;
}

}  // namespace bundle_match

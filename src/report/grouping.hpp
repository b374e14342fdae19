// Lanes of the timeline: a rank each, or a host each where there are too many ranks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/report/report.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bundle_match::report {

/// A line of the picture: one rank, or several together.
struct TimelineLane {
  std::string host;   ///< empty: several
  std::string label;  ///< "rank 3", "64 ranks", "12 hosts, 768 ranks"
  std::string kernel;
  std::size_t ranks = 0;
  std::size_t images = 0;
  double busy_s = 0;  ///< of all its ranks
  double lent_s = 0;
  bool lost = false;  ///< any of them
  std::vector<RankTimes> bins;
  std::vector<Interval> intervals;
};

/// At most kMostRanksShown lanes, hosts together; a host's ranks in their order.
[[nodiscard]] std::vector<TimelineLane> lanes_of(const Timeline& timeline);

}  // namespace bundle_match::report

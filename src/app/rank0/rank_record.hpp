// What rank 0 tells of each rank: where it is, what it has done, whether it was lost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"

#include <cstddef>
#include <string>

namespace bundle_match::app {

struct RankRecord {
  std::string host;
  std::string kernel;
  std::size_t images = 0;
  double busy_s = 0;            ///< time its images took, all stages
  bool lost = false;            ///< on the way: its images went to others
  double longest_pause_ms = 0;  ///< of its loop; of a worker known when it has said goodbye
};

using RankRecords = ById<Rank, RankRecord>;

}  // namespace bundle_match::app

// What rank 0 knows of each rank; filled in as the run goes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace bundle_match::app {

struct RankRecord {
  std::string host;
  std::string kernel;
  std::size_t images = 0;
  double busy_s = 0;  ///< time its images took, all stages
  bool lost = false;  ///< on the way: its images went to others
  bool said_goodbye = false;
};

}  // namespace bundle_match::app

// What rank 0 knows of each rank; filled in as the run goes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bundle_match::app {

struct RankRecord {
  std::string host;
  std::string kernel;
  std::int32_t computer = -1;  ///< its position in the table of results, once it has started
  std::size_t images = 0;
  double busy_s = 0;            ///< time its images took, all stages
  bool started = false;         ///< has sent its first report
  bool has_references = false;  ///< the set of them
  bool lost = false;            ///< on the way: its images went to others
  bool said_goodbye = false;
};

}  // namespace bundle_match::app

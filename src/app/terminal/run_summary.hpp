// The summary that is printed at the end of a run: images, failures, time, and how busy each rank
// was.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/results/result_table.hpp"
#include "rank0/rank_record.hpp"

#include <string>
#include <vector>

namespace bundle_match::app {

struct RunTimes {
  double total_s = 0;      ///< since the program started
  double reference_s = 0;  ///< until the references were described; of all pairs, all images
  double matching_s = 0;   ///< from then to the last result
};

/// One line a list entry. `done_before` of the images are of an earlier run. If `verbose`, with the
/// longest pause of each rank's loop.
[[nodiscard]] std::vector<std::string> summary_lines(const results::ResultTable& results,
                                                     const RankRecords& ranks,
                                                     std::size_t done_before, const RunTimes& times,
                                                     bool verbose = false);

}  // namespace bundle_match::app

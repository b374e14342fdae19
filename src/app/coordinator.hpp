// Rank 0's loop: hands images out, takes reports in, and computes images itself like any rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/results/result_table.hpp"
#include "bundle_match/transport/link.hpp"
#include "console.hpp"
#include "progress.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace bundle_match::app {

/// What is known of one rank; filled in as the run goes.
struct RankRecord {
  std::string host;
  std::string kernel;
  std::size_t images = 0;
  double busy_s = 0;  ///< time its images took, all stages
};

class Coordinator {
 public:
  struct Parts {
    const transport::Link& link;
    compute::ComputeClient& own_compute;
    const PathList& paths;
    results::ResultTable& results;
    std::vector<RankRecord>& ranks;
    Console& console;
    Progress& progress;
  };

  Coordinator(Parts parts, std::vector<ImageIndex> hand_out_order);

  /// Runs until every image has a report, then tells the workers to stop.
  void run();

  /// Time from the first hand-out to the last report.
  [[nodiscard]] double elapsed_s() const;

 private:
  bool take_reports();
  void take(Rank rank, const ImageReport& report);
  void hand_out(const std::vector<Assignment>& assignments);
  void show_progress();

  Parts parts_;
  Scheduler scheduler_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_report_;
};

}  // namespace bundle_match::app

// Rank 0's loop: hands images out, takes reports in, and computes images itself like any rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/backoff.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "bundle_match/results/result_table.hpp"
#include "bundle_match/transport/link.hpp"
#include "console.hpp"
#include "file_reader.hpp"
#include "progress.hpp"
#include "rank_record.hpp"
#include "resume.hpp"
#include "run_monitor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace bundle_match::app {

class Coordinator {
 public:
  struct Parts {
    transport::Link& link;
    compute::ImageProcessor& own_compute;
    const PathList& paths;
    results::ResultTable& results;
    std::vector<RankRecord>& ranks;
    Resumed& resumed;
    Console& console;
    Progress& progress;
    std::string command;       ///< to type to go on after an interruption
    bool send_images = false;  ///< orders to other ranks carry their files
    bool progress_detail = false;
  };

  /// A rank that is silent for `rank_timeout_s` is taken for lost; 0 for never.
  Coordinator(const Parts& parts, std::vector<ImageIndex> hand_out_order, double rank_timeout_s);

  /// Runs until every image has a report, or until the job is asked to end and what is under way
  /// is done (or a few seconds are over).
  void run();

  /// Tells the workers to end and waits for their goodbye; finds ranks that were lost at the very
  /// end. If any was lost, MPI_Finalize is not to be called, by anyone.
  void stop_workers();

  /// Whether run() ended before every image was done.
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  [[nodiscard]] bool ranks_were_lost() const { return scheduler_.any_lost(); }

  /// Time from the first hand-out to the last report.
  [[nodiscard]] double elapsed_s() const;

 private:
  using Clock = std::chrono::steady_clock;

  bool take_reports();
  void take(Rank rank, const ImageReport& report);
  void take_result(Rank rank, ImageReport report);
  void explain_missing_file(std::size_t rank, ImageReport& report) const;
  void adapt_credit(const ImageReport& report);
  void hand_out(const std::vector<Assignment>& assignments);
  void send_read_files();
  [[nodiscard]] std::chrono::microseconds next_sleep();
  void find_lost_ranks();
  void lose(Rank rank, const char* how);
  void say_alive();
  void send_to_workers(ImageOrder::Action action);
  [[nodiscard]] bool goodbye_is_missing() const;
  void wait_for_report(Backoff& backoff);
  bool end_if_asked();

  Parts parts_;
  Scheduler scheduler_;
  std::optional<FileReader> file_reader_;
  Backoff backoff_;
  SilenceMonitor silence_;
  RunMonitor monitor_;
  std::vector<std::int32_t> computers_;  // of the ranks, in the result table
  std::size_t timed_images_ = 0;         // of this run, and what they took
  double timed_ms_ = 0;
  Clock::time_point start_;
  Clock::time_point last_report_;
  Clock::time_point next_alive_;
  Clock::time_point give_up_at_ = Clock::time_point::max();
  bool interrupted_ = false;
};

}  // namespace bundle_match::app

// Rank 0's loop: hands images out, takes reports in, and computes images itself like any rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/backoff.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "bundle_match/transport/link.hpp"
#include "console.hpp"
#include "order_sender.hpp"
#include "phase.hpp"
#include "progress.hpp"
#include "rank_record.hpp"
#include "reference_sharing.hpp"
#include "resume.hpp"
#include "run_monitor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bundle_match::app {

class Coordinator {
 public:
  struct Parts {
    transport::Link& link;
    compute::ImageProcessor& own_compute;
    std::vector<RankRecord>& ranks;
    results::ResultTable& results;
    Resumed& resumed;
    Console& console;
    Progress& progress;
    std::string command;       ///< to type to go on after an interruption
    bool send_images = false;  ///< orders to other ranks carry their files
    bool progress_detail = false;
    std::string mask_dir = {};  ///< of masks that travel with files
  };

  /// A rank that is silent for `rank_timeout_s` is taken for lost; 0 for never.
  Coordinator(const Parts& parts, double rank_timeout_s);

  /// Hands out the tasks, in that order, until every one has a result, or until the job is asked to
  /// end and what is under way is done (or a few seconds are over). A phase that is `rank_0_alone`
  /// is left to this rank.
  void run(Phase& phase, LargeVector<TaskId> tasks, bool rank_0_alone = false);

  /// From now on images are matched with this set of references (features/feature_set.hpp), which
  /// every rank gets before it gets a task.
  void share_references(UniqueFd set);

  /// Does the work on a thread of its own, while other ranks hear that this one is alive.
  void keep_in_touch(const std::function<void()>& work);

  /// Tells the workers to end and waits for their goodbye; finds ranks that were lost at the very
  /// end. If any was lost, MPI_Finalize is not to be called, by anyone.
  void stop_workers();

  /// Whether a run() ended before every task was done.
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  [[nodiscard]] bool ranks_were_lost() const { return scheduler_.any_lost(); }

  /// Time from the first hand-out of the last run() to its last report.
  [[nodiscard]] double elapsed_s() const;

 private:
  using Clock = std::chrono::steady_clock;

  void begin(Phase& phase, LargeVector<TaskId> tasks);
  bool take_reports();
  void take(Rank rank, const ImageReport& report);
  void take_first(Rank rank, const ImageReport& report);
  void share_more(Rank rank, const ImageReport& report);
  void tell_warning(Rank rank, const ImageReport& report);
  void rank_started(Rank rank);
  void take_result(Rank rank, ImageReport report);
  [[nodiscard]] bool sees_what_the_rank_does_not(Rank rank, const ImageReport& report) const;
  bool leave_to_rank_0(Rank rank, const ImageReport& report);
  void adapt_credit(const ImageReport& report);
  void hand_out(const std::vector<Assignment>& assignments);
  void send_read_files();
  void find_lost_ranks();
  void lose(Rank rank, const char* how);
  void say_alive();
  void send_to_workers(ImageOrder::Action action);
  [[nodiscard]] bool goodbye_is_missing() const;
  void wait_for_report(Backoff& backoff);
  bool end_if_asked();
  RankRecord& record(Rank rank) { return parts_.ranks.at(static_cast<std::size_t>(rank)); }

  Parts parts_;
  Phase* phase_ = nullptr;  // during run()
  bool rank_0_alone_ = false;
  Scheduler scheduler_;
  std::set<TaskId> left_to_rank_0_;  // beside the scheduler
  std::optional<ReferenceSharing> sharing_;
  OrderSender sender_;
  Backoff backoff_;
  SilenceMonitor silence_;
  std::optional<RunMonitor> monitor_;  // of the phase
  std::size_t timed_images_ = 0;       // of the phase, and what they took
  double timed_ms_ = 0;
  Clock::time_point start_;
  Clock::time_point last_report_;
  Clock::time_point next_alive_;
  Clock::time_point give_up_at_ = Clock::time_point::max();
  bool interrupted_ = false;
};

}  // namespace bundle_match::app

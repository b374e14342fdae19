// Prints the state of a run under way: progress, hosts, slow images and, on request, every rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_status.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "rank0/rank_record.hpp"
#include "sink/stage.hpp"
#include "terminal/console.hpp"
#include "terminal/progress.hpp"
#include "terminal/rank_watch.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// A line a host: its ranks, images, rate, and how busy they were in the `elapsed_s` of the run.
[[nodiscard]] std::vector<std::string> host_lines(const RankRecords& ranks, double elapsed_s);

class RunMonitor {
 public:
  using Clock = RankWatch::Clock;

  /// Monitors one stage from now on. All referenced objects must outlive it. With `detail`, prints
  /// a line for every host from time to time.
  RunMonitor(const Scheduler& scheduler, const OpenedStage& stage, const RankRecords& ranks,
             Console& console, Progress& progress, bool detail);

  /// The scheduler has given the rank images, or taken them from it.
  void assigned(Rank rank, Clock::time_point now);
  /// The rank has finished a task in so many milliseconds; the scheduler knows it.
  void finished(Rank rank, TaskId task, ImageStatus status, double elapsed_ms,
                Clock::time_point now);

  /// The references that the stage makes are made.
  void references_made() { references_.reset(); }

  /// To be called often; prints what is due. Progress is printed only if `working`.
  void look(bool working);

 private:
  [[nodiscard]] double elapsed_s(Clock::time_point now) const;
  [[nodiscard]] ProgressState state(Clock::time_point now) const;
  [[nodiscard]] bool waits(Rank rank) const;
  [[nodiscard]] std::string image_of(Rank rank) const;
  void name_slow_images(Clock::time_point now);
  void tell_hosts(Clock::time_point now);
  void tell_state(Clock::time_point now);

  const Scheduler& scheduler_;
  const StageOrders& orders_;
  const RankRecords& ranks_;
  Console& console_;
  Progress& progress_;
  const bool detail_;
  ProgressState state_;
  std::optional<ProgressState> references_;  // until they are made: shown instead
  RankWatch watch_;
  Clock::time_point start_;
  Clock::time_point next_watch_;
  Clock::time_point next_detail_;
};

}  // namespace bundle_match::app

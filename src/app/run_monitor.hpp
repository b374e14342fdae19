// What people see of a run under way: progress, hosts, slow images, and its state on request.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/scheduler.hpp"
#include "console.hpp"
#include "phase.hpp"
#include "progress.hpp"
#include "rank_record.hpp"
#include "rank_watch.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bundle_match::app {

/// A line a host: its ranks, images, rate, and how busy they were in the `elapsed_s` of the run.
[[nodiscard]] std::vector<std::string> host_lines(const std::vector<RankRecord>& ranks,
                                                  double elapsed_s);

class RunMonitor {
 public:
  using Clock = RankWatch::Clock;

  struct Parts {
    const Scheduler& scheduler;
    const Phase& phase;
    const std::vector<RankRecord>& ranks;
    Console& console;
    Progress& progress;
    bool detail = false;  ///< tell of every host, now and then
  };

  explicit RunMonitor(const Parts& parts);

  /// The scheduler has given the rank images, or taken them from it.
  void assigned(Rank rank);
  /// The rank has finished an image in so many milliseconds; the scheduler knows it.
  void finished(Rank rank, double image_ms);

  /// To be called often; says something when there is something to say.
  void look();

 private:
  [[nodiscard]] double elapsed_s(Clock::time_point now) const;
  [[nodiscard]] ProgressState state(Clock::time_point now) const;
  [[nodiscard]] std::string image_of(Rank rank) const;
  void name_slow_images(Clock::time_point now);
  void tell_hosts(Clock::time_point now);
  void tell_state(Clock::time_point now);

  Parts parts_;
  RankWatch watch_;
  Clock::time_point start_;
  Clock::time_point next_watch_;
  Clock::time_point next_detail_;
};

}  // namespace bundle_match::app

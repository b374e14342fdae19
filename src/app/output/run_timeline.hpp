// What each rank did when, in memory that does not grow with the run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/image_result.hpp"
#include "bundle_match/report/report.hpp"
#include "rank0/rank_record.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace bundle_match::app {

/// Fed by the stages of a run; a rank computes one image at a time.
class RunTimeline {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t kBins = 400;  ///< of a rank; they get wider as the run goes

  explicit RunTimeline(Clock::time_point start) : start_(start) {}

  /// The rank's result of that came now. It waited so long between describing and matching.
  void add(Rank rank, const report::WorkedAt& what, const StageTimes& elapsed_ms, float waited_ms,
           Clock::time_point now);

  /// From now on, others use the rank's cores, or they do no more. Told after the results that came
  /// by then.
  void lends(Rank rank, bool lends, Clock::time_point now);

  /// Of the ranks, by number; none of them if nothing was added.
  [[nodiscard]] report::Timeline timeline(const RankRecords& ranks) const;

 private:
  struct Lane {
    std::vector<report::RankTimes> bins;
    std::vector<report::Interval> intervals;
    double busy_s = 0;
    double lent_s = 0;
    std::optional<double> lends_since_s;
  };

  [[nodiscard]] double seconds_at(Clock::time_point now) const;
  Lane& lane_of(Rank rank);
  void end_loan(Lane& lane, double now_s) const;
  void add_interval(Lane& lane, double start_s, double end_s, const report::WorkedAt& what);
  void widen_bins(double end_s);
  void fill(Lane& lane, float report::RankTimes::*stage, double from_s, double to_s) const;

  Clock::time_point start_;
  double span_s_ = 0;
  double bin_s_ = 0.001;
  ById<Rank, Lane> lanes_;
  std::size_t intervals_ = 0;
};

}  // namespace bundle_match::app

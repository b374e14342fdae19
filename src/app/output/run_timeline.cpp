// Bins of a fixed number, which double their width when the run outgrows them.
// SPDX-License-Identifier: Apache-2.0
#include "output/run_timeline.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::app {

using report::RankTimes;

double RunTimeline::seconds_at(Clock::time_point now) const {
  return std::chrono::duration<double>(now - start_).count();
}

RunTimeline::Lane& RunTimeline::lane_of(Rank rank) {
  if (!lanes_.contains(rank)) {
    lanes_.resize(static_cast<std::size_t>(rank.value()) + 1);
  }
  return lanes_.at(rank);
}

void RunTimeline::add(Rank rank, const report::WorkedAt& what, const StageTimes& elapsed_ms,
                      float waited_ms, Clock::time_point now) {
  Lane& lane = lane_of(rank);
  const auto seconds = [](float milliseconds) { return static_cast<double>(milliseconds) / 1000; };
  const double end_s = seconds_at(now);
  const double match_s = std::max(0.0, end_s - seconds(elapsed_ms.match));
  const double described_s = std::max(0.0, match_s - seconds(waited_ms));
  const double sift_s = std::max(0.0, described_s - seconds(elapsed_ms.sift));
  const double start_s = std::max(0.0, sift_s - seconds(elapsed_ms.read));
  span_s_ = std::max(span_s_, end_s);
  lane.busy_s += seconds(elapsed_ms.total());
  if (waited_ms > 0) {
    add_interval(lane, start_s, described_s, what);
    add_interval(lane, match_s, end_s, what);
  } else {
    add_interval(lane, start_s, end_s, what);
  }
  widen_bins(end_s);
  lane.bins.resize(kBins);
  fill(lane, &RankTimes::read, start_s, sift_s);
  fill(lane, &RankTimes::sift, sift_s, described_s);
  fill(lane, &RankTimes::match, match_s, end_s);
}

void RunTimeline::lends(Rank rank, bool lends, Clock::time_point now) {
  Lane& lane = lane_of(rank);
  if (lends) {
    lane.lends_since_s = std::max(0.0, seconds_at(now));
  } else {
    end_loan(lane, seconds_at(now));
  }
}

// What is later than the last result is not shown: the bins need not reach there.
void RunTimeline::end_loan(Lane& lane, double now_s) const {
  const auto since_s = std::exchange(lane.lends_since_s, std::nullopt);
  const double end_s = std::min(now_s, span_s_);
  if (since_s && *since_s < end_s) {
    lane.lent_s += end_s - *since_s;
    lane.bins.resize(kBins);
    fill(lane, &RankTimes::lent, *since_s, end_s);
  }
}

void RunTimeline::add_interval(Lane& lane, double start_s, double end_s,
                               const report::WorkedAt& what) {
  if (intervals_ < report::kMostIntervals) {
    ++intervals_;
    lane.intervals.push_back({static_cast<float>(start_s), static_cast<float>(end_s), what});
  }
}

void RunTimeline::widen_bins(double end_s) {
  while (end_s > bin_s_ * static_cast<double>(kBins)) {
    bin_s_ *= 2;
    for (Lane& lane : lanes_) {
      for (std::size_t i = 0; i < lane.bins.size(); ++i) {
        const RankTimes bin = lane.bins[i];
        lane.bins[i] = {};
        lane.bins[i / 2] += bin;
      }
    }
  }
}

void RunTimeline::fill(Lane& lane, float RankTimes::*stage, double from_s, double to_s) const {
  for (auto i = static_cast<std::size_t>(from_s / bin_s_); i < kBins; ++i) {
    const double begin_s = bin_s_ * static_cast<double>(i);
    if (begin_s >= to_s) {
      return;
    }
    const double part_s = std::min(to_s, begin_s + bin_s_) - std::max(from_s, begin_s);
    lane.bins[i].*stage += static_cast<float>(std::max(0.0, part_s));
  }
}

report::Timeline RunTimeline::timeline(const RankRecords& ranks) const {
  report::Timeline timeline;
  timeline.span_s = span_s_;
  timeline.bin_s = bin_s_;
  const auto used = static_cast<std::size_t>(span_s_ / bin_s_) + 1;
  if (span_s_ == 0) {
    return timeline;
  }
  for (const Rank rank : ranks.ids()) {
    report::RankTimeline& it = timeline.ranks.emplace_back();
    it.rank = rank;
    it.host = ranks[rank].host;
    it.kernel = ranks[rank].kernel;
    it.lost = ranks[rank].lost;
    it.images = ranks[rank].images;
    if (lanes_.contains(rank)) {
      Lane lane = lanes_[rank];
      end_loan(lane, span_s_);
      it.busy_s = lane.busy_s;
      it.lent_s = lane.lent_s;
      it.bins = std::move(lane.bins);
      it.bins.resize(std::min(used, it.bins.size()));
      it.intervals = std::move(lane.intervals);
    }
  }
  return timeline;
}

}  // namespace bundle_match::app

// The second phase: every image is matched with its references.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phase.hpp"

namespace bundle_match::app {

/// Tasks are those of the run's plan.
class MatchPhase final : public Phase {
 public:
  explicit MatchPhase(const RunData& data) : data_(data), done_before_(data.results.done()) {}

  [[nodiscard]] ImageOrder order(TaskId task) const override;
  [[nodiscard]] std::string_view path(TaskId task) const override;
  [[nodiscard]] TaskId task_of(const ImageReport& report) const override;
  void begin(TaskId task) override;
  void process_died(const ImageReport& report) override;
  void take(Rank rank, const ImageReport& report) override;
  [[nodiscard]] ProgressState progress() const override;
  [[nodiscard]] bool rank_0_may_help() const override { return false; }

 private:
  void keep_image(RankRecord& record, Rank rank, const ImageReport& report);
  void keep_pairs(const ImageReport& report);
  void tell_failure(const ImageReport& report) const;

  RunData data_;
  std::size_t done_before_;  // by an earlier run
};

}  // namespace bundle_match::app

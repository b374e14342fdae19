// The first phase: the features of all references or, of all pairs, of all images.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"
#include "phase.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bundle_match::app {

/// Tasks are positions of references.
class DescribePhase final : public Phase {
 public:
  /// So many tasks will be handed out.
  DescribePhase(const RunData& data, std::size_t to_describe);

  [[nodiscard]] ImageOrder order(TaskId task) const override;
  [[nodiscard]] std::string_view path(TaskId task) const override;
  [[nodiscard]] TaskId task_of(const ImageReport& report) const override { return report.image; }
  void begin(TaskId task) override;
  void process_died(const ImageReport& report) override;
  void take(Rank rank, const ImageReport& report) override;
  [[nodiscard]] ProgressState progress() const override;
  [[nodiscard]] bool rank_0_may_help() const override { return !data_.plan.all_pairs(); }

  /// References that cannot be used; each was named. Never any of all pairs: they fail as images.
  [[nodiscard]] std::size_t unusable() const { return unusable_; }
  /// Of those described.
  [[nodiscard]] std::size_t features() const { return features_; }

  /// Moves all that was described into a set (features/feature_set.hpp). Throws std::system_error
  /// if memory does not suffice.
  [[nodiscard]] UniqueFd make_set();

 private:
  void take_image(Rank rank, const ImageReport& report);
  void take_reference(const ImageReport& report);

  RunData data_;
  std::vector<std::string> described_;  // encoded features, by reference
  std::size_t to_describe_;
  std::size_t taken_ = 0;
  std::size_t unusable_ = 0;
  std::size_t features_ = 0;
};

}  // namespace bundle_match::app

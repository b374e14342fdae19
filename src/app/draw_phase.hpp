// The third phase: pictures of pairs, and thumbnails, of images that are matched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_pages.hpp"
#include "phase.hpp"
#include "picture_selection.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace bundle_match::app {

/// Tasks are positions of pictures, in an order of its own. One that cannot be made is a warning.
class DrawPhase final : public Phase {
 public:
  /// Keeps a picture. What it throws of std::system_error is a warning, too.
  using Keep = std::function<void(const PictureTask&, const ImageReport&)>;

  DrawPhase(const RunData& data, std::vector<PictureTask> pictures, PictureFormat format,
            Keep keep);

  /// All of them.
  [[nodiscard]] LargeVector<TaskId> tasks() const;

  [[nodiscard]] ImageOrder order(TaskId task) const override;
  [[nodiscard]] std::string_view path(TaskId task) const override;
  [[nodiscard]] TaskId task_of(const ImageReport& report) const override;
  void begin(TaskId /*task*/) override {}
  void process_died(const ImageReport& /*report*/) override {}
  void take(Rank rank, const ImageReport& report) override;
  [[nodiscard]] ProgressState progress() const override;
  [[nodiscard]] bool rank_0_may_help() const override { return true; }

  [[nodiscard]] std::size_t taken() const { return taken_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }

 private:
  void warn(const PictureTask& picture, std::string_view why);

  RunData data_;
  std::vector<PictureTask> pictures_;  // sorted, each once
  PictureFormat format_;
  Keep keep_;
  std::size_t taken_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace bundle_match::app

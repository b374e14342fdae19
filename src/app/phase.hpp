// A part of a run in which ranks are handed one kind of work: describing references, or matching.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/core/work_plan.hpp"
#include "bundle_match/results/result_table.hpp"
#include "exports.hpp"
#include "pictures.hpp"
#include "progress.hpp"
#include "rank_record.hpp"
#include "resume.hpp"
#include "run_timeline.hpp"

#include <spdlog/logger.h>

#include <string_view>
#include <vector>

namespace bundle_match::app {

/// What the phases of a run work on; all of it outlives them.
struct RunData {
  const WorkPlan& plan;
  const PathList& references;  ///< of all pairs: the images
  const PathList& images;
  results::ResultTable& results;
  std::vector<RankRecord>& ranks;
  Resumed& resumed;
  Exports& exports;
  RunTimeline& timeline;
  spdlog::logger& log;
  PictureKeeper& kept_pictures;
  bool by_inliers = false;  ///< which pairs and images are the best
};

/// Says what is to be done, and keeps what came of it. Knows nothing of who does it when.
class Phase {
 public:
  virtual ~Phase() = default;

  [[nodiscard]] virtual ImageOrder order(TaskId task) const = 0;
  [[nodiscard]] virtual std::string_view path(TaskId task) const = 0;
  /// The task that a result is of.
  [[nodiscard]] virtual TaskId task_of(const ImageReport& report) const = 0;

  /// The task is about to be begun.
  virtual void begin(TaskId task) = 0;
  /// A compute process died of it.
  virtual void process_died(const ImageReport& report) = 0;
  /// Its result.
  virtual void take(Rank rank, const ImageReport& report) = 0;

  [[nodiscard]] virtual ProgressState progress() const = 0;

  /// Whether rank 0 does what another rank cannot because it does not see the file.
  [[nodiscard]] virtual bool rank_0_may_help() const = 0;

 protected:
  Phase() = default;
  Phase(const Phase&) = default;
  Phase& operator=(const Phase&) = default;
};

}  // namespace bundle_match::app

// The stages of a run, one after another: describe, match (with references, both at once), draw;
// and what is written in between.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/outcome.hpp"
#include "sink/describe_stage.hpp"
#include "sink/draw_stage.hpp"
#include "sink/ledger.hpp"
#include "sink/reference_stage.hpp"
#include "sink/stage.hpp"
#include "terminal/run_summary.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::app {

/// What comes next: a stage with tasks, or the end of the work.
using NextStage = std::variant<OpenedStage, Outcome>;
/// What comes of a result, beside what is kept of it: in most cases nothing. The end of the work
/// comes if a reference cannot be used.
using AfterResult = std::variant<std::monostate, MadeReferences, Outcome>;

/// Belongs to the sink's thread. What cannot be written is thrown as std::system_error or
/// std::runtime_error.
class StageSequence {
 public:
  /// What takes long asks `go_on` now and then: whether the run was not asked to end.
  StageSequence(Ledger& ledger, std::function<bool()> go_on)
      : ledger_(ledger), go_on_(std::move(go_on)) {}

  /// Ends the stage that is open, whose tasks took so long, and opens the next one that has tasks.
  [[nodiscard]] NextStage open_next(double elapsed_s);

  /// The run was asked to end before the tasks of the open stage were done.
  [[nodiscard]] Outcome abandon();

  /// A task of the open stage is about to be begun.
  void begin(TaskId task) { keeper_->begin(task); }
  /// A compute process died of it.
  void process_died(TaskId task, const std::string& reason) { keeper_->process_died(task, reason); }
  /// Its result.
  [[nodiscard]] AfterResult take(machine::Keep it);

  /// Of images whose features are lost, those that the open stage still needs.
  [[nodiscard]] machine::LostFound find_lost(const std::vector<ReferenceIndex>& images) const;

  /// Times of the stages that have ended.
  [[nodiscard]] const RunTimes& times() const { return times_; }

 private:
  using Clock = std::chrono::steady_clock;

  enum class Step { start, describing, matching, drawing_files, drawing_for_report, over };

  [[nodiscard]] NextStage open_first();
  [[nodiscard]] NextStage open_references();
  [[nodiscard]] NextStage open_describing();
  [[nodiscard]] NextStage open_matching();
  [[nodiscard]] AfterResult make_references(DescribeKeeper& described);
  [[nodiscard]] NextStage open_drawing_of_files();
  [[nodiscard]] NextStage open_drawing_for_report();
  [[nodiscard]] OpenedStage open_drawing(std::vector<PictureTask> pictures, PictureFormat format,
                                         DrawKeeper::Keep keep);
  [[nodiscard]] ProgressState describing_progress(std::size_t tasks) const;
  [[nodiscard]] ProgressState matching_progress() const;
  void share_out(const ById<ImageIndex, std::optional<HostIndex>>& described_on,
                 OpenedStage& stage) const;
  void tell_described(const DescribeKeeper& described) const;
  void tell_drawn() const;
  void collect_pictures();
  [[nodiscard]] Outcome end();

  Ledger& ledger_;
  std::function<bool()> go_on_;
  Step step_ = Step::start;
  RunTimes times_;
  std::unique_ptr<StageKeeper> keeper_;
  ReferenceStageKeeper* makes_references_ = nullptr;  // the keeper, until they are made
  Clock::time_point opened_;
  // Of drawing. The orders outlive the keeper, which looks into them.
  std::shared_ptr<const DrawOrders> draw_orders_;
  std::size_t drawn_before_ = 0;  // files that were there already
  std::vector<PictureTask> report_pairs_;
  std::vector<CountedImage> report_images_;
  std::map<PictureTask, std::string> report_pictures_;
};

}  // namespace bundle_match::app

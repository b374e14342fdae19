// Describing and matching, and the way between the stages.
// SPDX-License-Identifier: Apache-2.0
#include "sink/stage_sequence.hpp"

#include "bundle_match/core/locality.hpp"
#include "sink/choosing.hpp"
#include "sink/ending.hpp"
#include "sink/match_stage.hpp"
#include "sink/preparation.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::app {

NextStage StageSequence::open_next(double elapsed_s) {
  const bool among_images = ledger_.work.among_images();
  switch (step_) {
    case Step::start:
      return open_first();
    case Step::describing:
      times_.reference_s = elapsed_s;
      return open_matching();
    case Step::matching:
      times_.matching_s = std::max(0.0, elapsed_s - (among_images ? 0 : times_.reference_s));
      write_results(ledger_);
      return open_drawing_of_files();
    case Step::drawing_files:
      tell_drawn();
      return open_drawing_for_report();
    case Step::drawing_for_report:
      collect_pictures();
      break;
    case Step::over:
      break;
  }
  return end();
}

Outcome StageSequence::end() {
  step_ = Step::over;
  return finished(ledger_);
}

Outcome StageSequence::abandon() {
  if (step_ == Step::drawing_files) {
    tell_drawn();
  } else if (step_ == Step::describing || step_ == Step::matching) {
    tell_interrupted(ledger_);
  }
  if (makes_references_ != nullptr) {
    discard_new_journal(ledger_);
  }
  step_ = Step::over;
  return Interrupted{};
}

NextStage StageSequence::open_first() {
  if (auto outcome = open_outputs(ledger_)) {
    return *outcome;
  }
  if (auto outcome = check_references(ledger_)) {
    return *outcome;
  }
  prune_cache(ledger_.input);
  if (auto outcome = open_journal(ledger_)) {
    return *outcome;
  }
  if (ledger_.work.among_images()) {
    tell_how_to_go_on(ledger_);
  }
  return ledger_.work.among_images() ? open_describing() : open_references();
}

NextStage StageSequence::open_references() {
  step_ = Step::matching;
  const LargeVector<TaskId> images = remaining_tasks(ledger_);
  if (images.empty()) {
    write_results(ledger_);
    return open_drawing_of_files();
  }
  auto orders = std::make_shared<ReferenceStageOrders>(ledger_);
  auto keeper = std::make_unique<ReferenceStageKeeper>(ledger_);
  OpenedStage stage;
  stage.tasks = references_to_describe(ledger_);
  stage.rank_0_alone = stage.tasks.size() == 1;
  stage.rank_0_helps = true;
  stage.progress = matching_progress();
  stage.progress_of_references = describing_progress(stage.tasks.size());
  stage.tasks.insert(stage.tasks.end(), images.begin(), images.end());
  stage.needs_references_below = orders->first_describing();
  stage.orders = std::move(orders);
  stage.keeps_journal = ledger_.resumed.journal != nullptr;
  makes_references_ = keeper.get();
  keeper_ = std::move(keeper);
  opened_ = Clock::now();
  return stage;
}

AfterResult StageSequence::take(machine::Keep it) {
  keeper_->take(std::move(it));
  if (makes_references_ == nullptr || !makes_references_->all_described()) {
    return {};
  }
  return make_references(std::exchange(makes_references_, nullptr)->described());
}

AfterResult StageSequence::make_references(DescribeKeeper& described) {
  if (described.unusable() > 0) {
    discard_new_journal(ledger_);
    step_ = Step::over;
    return Outcome(ReferenceUnusable{});
  }
  tell_described(described);
  tell_how_to_go_on(ledger_);
  auto references = std::make_shared<const UniqueFd>(described.make_set());
  times_.reference_s = std::chrono::duration<double>(Clock::now() - opened_).count();
  return MadeReferences{std::move(references)};
}

NextStage StageSequence::open_describing() {
  step_ = Step::describing;
  keeper_ = std::make_unique<DescribeKeeper>(ledger_);
  OpenedStage stage;
  const TaskId first = first_describing_task(ledger_.work);
  stage.orders = std::make_shared<DescribeOrders>(ledger_.input, ledger_.resumed.deaths, first);
  stage.tasks = references_to_describe(ledger_);
  stage.needs_references_below = first;
  stage.kept_images = machine::KeptImages{ledger_.work.images(), first};
  stage.progress = describing_progress(stage.tasks.size());
  stage.keeps_journal = ledger_.resumed.journal != nullptr;
  return stage.tasks.empty() ? open_matching() : NextStage(std::move(stage));
}

ProgressState StageSequence::describing_progress(std::size_t tasks) const {
  ProgressState progress;
  progress.stage = "describing";
  progress.unit = ledger_.work.among_images() ? "images" : "references";
  progress.items = tasks;
  return progress;
}

NextStage StageSequence::open_matching() {
  step_ = Step::matching;
  auto& described = static_cast<DescribeKeeper&>(*keeper_);
  if (auto outcome = check_described_references(ledger_)) {
    discard_new_journal(ledger_);
    step_ = Step::over;
    return *outcome;
  }
  tell_described(described);
  if (has_to_choose(ledger_) &&
      !choose_pairs(ledger_, features::FeatureSet(described.make_set()), go_on_)) {
    return abandon();
  }
  OpenedStage stage;
  stage.tasks = remaining_tasks(ledger_);
  if (stage.tasks.empty()) {
    write_results(ledger_);
    return open_drawing_of_files();
  }
  auto orders = std::make_shared<ReferenceStageOrders>(ledger_);
  stage.needs_references_below = orders->first_describing();
  stage.kept_images = machine::KeptImages{ledger_.work.images(), orders->first_describing()};
  stage.orders = std::move(orders);
  share_out(described.described_on(), stage);
  stage.progress = matching_progress();
  stage.keeps_journal = ledger_.resumed.journal != nullptr;
  keeper_ = std::make_unique<DescribedStageKeeper>(ledger_);
  return stage;
}

// Each host gets the tasks near the features that it has.
void StageSequence::share_out(const ById<ImageIndex, std::optional<HostIndex>>& described_on,
                              OpenedStage& stage) const {
  const HostTable hosts(ledger_.input.hosts);
  if (hosts.size() > 1) {
    LaneOrder lanes = lanes_near_features(ledger_.work, stage.tasks, described_on, hosts);
    stage.tasks = std::move(lanes.tasks);
    stage.lane_starts = std::move(lanes.starts);
  }
}

machine::LostFound StageSequence::find_lost(const std::vector<ReferenceIndex>& images) const {
  machine::LostFound found;
  if (step_ != Step::describing && step_ != Step::matching) {
    return found;
  }
  const TaskId first = first_describing_task(ledger_.work);
  const ById<ImageIndex, bool> needed = images_needed(ledger_);
  for (const ReferenceIndex image : images) {
    if (needed.at(image_of(image))) {
      found.tasks.push_back(describing_task(first, image));
    }
  }
  return found;
}

void StageSequence::tell_described(const DescribeKeeper& described) const {
  const std::size_t references = ledger_.input.references().size();
  if (references > 1 && described.features() > 0) {
    ledger_.log.info("{} {} described: {} features", references,
                     ledger_.work.among_images() ? "images" : "references", described.features());
  }
}

ProgressState StageSequence::matching_progress() const {
  ProgressState progress;
  progress.unit = ledger_.input.unit();
  progress.items = ledger_.results.size();
  progress.done = ledger_.results.done();
  progress.failed = ledger_.results.failed();
  progress.done_before = progress.done;
  return progress;
}

}  // namespace bundle_match::app

// The simulated sink: keeps what it is given one after another, at its own pace; stalls, fails, and
// is gone with rank 0. What it has kept outlives the run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/run_actions.hpp"
#include "bundle_match/machine/run_events.hpp"
#include "network.hpp"
#include "task_key.hpp"
#include "world_base.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::simulation {

/// What is on the disk.
class Store {
 public:
  explicit Store(const WorkToDo& work) : work_(work) {
    for (const StagePlan& stage : work.stages) {
      kept_.emplace_back(stage.tasks.size());
      deaths_.emplace_back(stage.tasks.size());
      left_ += stage.kept == Kept::matches     ? stage.dependents
               : stage.kept == Kept::describes ? stage.images()
                                               : stage.tasks.size();
    }
  }

  void keep(TaskKey key) {
    if (std::exchange(kept_.at(key.stage).at(key.task), char{1}) != 0) {
      throw Violation{"a result is kept once", "a task is kept a second time"};
    }
    --left_;
  }
  void note_death(TaskKey key) { ++deaths_.at(key.stage).at(key.task); }
  /// What references were made of is not kept: each run makes its own.
  void begin_run() {
    deaths_before_ = deaths_;
    for (std::size_t stage = 0; stage < kept_.size(); ++stage) {
      const StagePlan& plan = work_.stages[stage];
      const bool again = plan.makes_set || plan.kept == Kept::describes;
      for (std::size_t task = plan.dependents; again && task < kept_[stage].size(); ++task) {
        left_ += std::exchange(kept_[stage][task], char{0}) != 0 ? 1 : 0;
      }
    }
  }
  /// All of the stage that references are made of is there.
  [[nodiscard]] bool can_make_set(std::size_t stage) const {
    const StagePlan& plan = work_.stages[stage];
    const auto first = kept_[stage].begin() + static_cast<std::ptrdiff_t>(plan.dependents);
    return plan.makes_set &&
           std::all_of(first, kept_[stage].end(), [](char kept) { return kept != 0; });
  }
  /// Compute processes that died of the task in earlier runs.
  [[nodiscard]] std::uint32_t deaths_before(TaskKey key) const {
    return deaths_before_.at(key.stage).at(key.task);
  }

  [[nodiscard]] bool has(TaskKey key) const { return kept_.at(key.stage).at(key.task) != 0; }
  [[nodiscard]] bool has_all() const { return left_ == 0; }

 private:
  const WorkToDo& work_;
  // By stage and task:
  std::vector<std::vector<char>> kept_;
  std::vector<std::vector<std::uint32_t>> deaths_;
  std::vector<std::vector<std::uint32_t>> deaths_before_;
  std::size_t left_ = 0;
};

class Sink {
 public:
  using Item = std::variant<machine::Keep, machine::KeepDeath, machine::OpenStage,
                            machine::FindLost, machine::NoteLending, machine::NoteEndAsked,
                            machine::AbandonStage, machine::WriteEnding>;

  Sink(WorldBase& base, Store& store) : base_(base), store_(store) {}

  void put(Item item);
  /// The event sink_step: it is done with the first item.
  void step();
  /// The event sink_answer.
  [[nodiscard]] std::optional<machine::RunEvent> take_answer(std::uint64_t number) {
    return answers_.take(number);
  }

 private:
  void begin();
  void answer(machine::RunEvent event);
  void tell_stored();
  void make_set();

  void take(const machine::Keep& keep);
  void take(const machine::KeepDeath& death);
  void take(const machine::OpenStage& open);
  void take(const machine::FindLost& find);
  void take(const machine::NoteLending& /*note*/) {}
  void take(const machine::NoteEndAsked& /*note*/) {}
  void take(const machine::AbandonStage& abandon);
  void take(const machine::WriteEnding& write);

  [[nodiscard]] machine::StageOpened open(std::size_t stage) const;

  WorldBase& base_;
  Store& store_;
  std::deque<Item> items_;
  Channel<machine::RunEvent> answers_;
  machine::Stored stored_;  // and not told yet
  std::size_t taken_ = 0;
  std::size_t next_stage_ = 0;
  bool made_set_ = false;
  bool failed_ = false;
};

}  // namespace bundle_match::simulation

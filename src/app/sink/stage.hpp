// A stage of a run: the orders of its tasks, which the loop sends, and what is kept of their
// results, which is the sink's affair.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/machine/run_actions.hpp"
#include "bundle_match/machine/run_events.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "terminal/progress.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::app {

/// Says what each task of a stage is. Never changes once the stage is open: any thread may read it.
class StageOrders {
 public:
  virtual ~StageOrders() = default;
  StageOrders() = default;
  StageOrders(const StageOrders&) = delete;
  StageOrders& operator=(const StageOrders&) = delete;

  [[nodiscard]] Order order(TaskId task, OrderId id) const {
    return {id, std::string(path(task)), deaths(task), std::nullopt, work(task)};
  }
  [[nodiscard]] virtual Work work(TaskId task) const = 0;
  /// Compute processes that died of its image in earlier runs.
  [[nodiscard]] virtual std::uint32_t deaths(TaskId task) const = 0;
  /// Of the image.
  [[nodiscard]] virtual std::string_view path(TaskId task) const = 0;
  /// How much the task counts for in what ProgressState counts.
  [[nodiscard]] virtual std::size_t weight(TaskId task) const = 0;
  /// Whether a result counts as an image of its rank, and its time as the rank's work.
  [[nodiscard]] virtual bool counts_as_image(TaskId task) const = 0;
  [[nodiscard]] virtual bool counts_as_work(TaskId task) const = 0;
  /// Whether its result becomes one of the references that other tasks of the stage need.
  [[nodiscard]] virtual bool makes_references(TaskId /*task*/) const { return false; }
};

/// Keeps what comes of a stage. Belongs to the sink's thread. What cannot be written is thrown as
/// std::system_error or std::runtime_error.
class StageKeeper {
 public:
  virtual ~StageKeeper() = default;
  StageKeeper() = default;
  StageKeeper(const StageKeeper&) = delete;
  StageKeeper& operator=(const StageKeeper&) = delete;

  /// The task is about to be begun.
  virtual void begin(TaskId task) = 0;
  /// A compute process died of it.
  virtual void process_died(TaskId task, const std::string& reason) = 0;
  /// Its result.
  virtual void take(machine::Keep it) = 0;
};

/// What the loop is given when a stage opens.
struct OpenedStage {
  std::shared_ptr<const StageOrders> orders;
  LargeVector<TaskId> tasks;      ///< in the order to hand them out
  TaskId needs_references_below;  ///< see machine::StageOpened
  /// Where each host's lane begins in the tasks, if each has one: see Dependence.
  std::vector<std::size_t> lane_starts;
  bool rank_0_alone = false;
  bool rank_0_helps = false;
  /// Images whose features stay on the hosts: see machine::StageOpened.
  std::optional<machine::KeptImages> kept_images;
  /// The set of references that ranks need from now on; nothing: those they have.
  std::shared_ptr<const UniqueFd> references;
  ProgressState progress;  ///< at its beginning
  /// Of the references that it makes, until they are made.
  std::optional<ProgressState> progress_of_references;
  bool keeps_journal = false;  ///< an interrupted run can be gone on with
};

/// The references of the open stage are made: ranks need this set from now on.
struct MadeReferences {
  std::shared_ptr<const UniqueFd> references;
};

}  // namespace bundle_match::app

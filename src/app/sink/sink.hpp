// The one owner of what a run leaves behind: a thread that keeps results, writes outputs and opens
// stages, so that rank 0's loop never waits for a disk.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/outcome.hpp"
#include "bundle_match/machine/run_actions.hpp"
#include "bundle_match/machine/run_events.hpp"
#include "command/run_input.hpp"
#include "rank0/rank_record.hpp"
#include "sink/stage.hpp"
#include "terminal/console.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace bundle_match::app {

/// That a task is begun is in the kernel's hands, under the number of its order.
struct Noted {
  OrderId order;
};

/// What the sink answers.
using SinkEvent =
    std::variant<machine::Stored, Noted, OpenedStage, MadeReferences, machine::LostFound,
                 machine::WorkOver, machine::EndingWritten, machine::SinkFailed>;

/// What it is told is done in that order. All calls return at once; what is queued is bounded by
/// machine::Backlog, which hands out no work while it is too much. A failure to write is told to
/// the user here, and answered once with SinkFailed; after it, nothing is kept any more.
class Sink {
 public:
  /// Both referenced objects must outlive it. `start` is when the program started.
  Sink(const RunInput& input, Console& console, std::chrono::steady_clock::time_point start);
  /// Waits for what is being done.
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  /// The rank has told the name of its kernel.
  void rank_started(Rank rank, std::string kernel);
  /// The task is about to be begun. With an order, answered with Noted.
  void begin(TaskId task, std::optional<OrderId> order);
  /// If it is the last of the references, answered with MadeReferences, or with WorkOver if one of
  /// them cannot be used.
  void keep(machine::Keep result);
  void keep_death(machine::KeepDeath death);
  /// Ends the open stage, whose tasks took so long, and opens the next. Answered with OpenedStage
  /// or WorkOver.
  void open_stage(double elapsed_s);
  /// Answered with LostFound.
  void find_lost(machine::FindLost lost);
  void note_lending(const machine::NoteLending& note);
  void note_end_asked();
  /// Answered with WorkOver.
  void abandon_stage();
  /// Answered with EndingWritten.
  void write_ending(Outcome outcome, RankRecords ranks);

  /// Lets the thread begin what it was told since the last call.
  void flush();

  /// The next answer, if there is one; never waits.
  [[nodiscard]] std::optional<SinkEvent> try_event();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bundle_match::app

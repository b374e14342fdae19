// What happens to a run, as rank 0's machine is told it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/outcome.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace bundle_match::machine {

/// A rank has said something: a worker, or the part of rank 0 that computes.
struct FromRank {
  Rank rank;
  WorkerMessage message;
};

/// MPI has told that the rank died.
struct RankDied {
  Rank rank;
};

/// The rank has sent what no rank may send.
struct RankTalksNonsense {
  Rank rank;
  std::string why;
};

/// The answer to LookForFile.
struct FileLookedFor {
  OrderId order;
  bool found = false;
};

/// The sink has finished so much more of what it was given to keep.
struct Stored {
  std::size_t items = 0;
  std::uint64_t bytes = 0;
};

/// The answer to OpenStage: these tasks are next.
struct StageOpened {
  LargeVector<TaskId> tasks;  ///< in the order to hand them out
  /// Tasks with smaller ids need the references that all others, which stand before them, make:
  /// ranks are given some ahead, and ReferencesMade comes while the stage is open.
  TaskId needs_references_below;
  bool rank_0_alone = false;  ///< rank 0 does the tasks that need no references
  /// Of these, rank 0 does what another rank cannot, as it does not see the file.
  bool rank_0_helps = false;
  /// The set of references that every rank needs before it gets work of this stage.
  std::optional<SharedFile> references;
};

/// The set of references that ranks need, made of results that were kept. It comes once in a run:
/// thus, or with a stage.
struct ReferencesMade {
  SharedFile file;
};

/// The answer to OpenStage or AbandonStage: there is nothing more to hand out. Also instead of
/// ReferencesMade, if there are none to go on with.
struct WorkOver {
  Outcome outcome;
};

/// The answer to WriteEnding.
struct EndingWritten {
  Outcome outcome;
};

/// The sink cannot go on. It keeps nothing any more.
struct SinkFailed {
  Outcome outcome;
};

/// A signal asks the run to end.
struct EndAsked {};

/// Time has passed. To be told often, also when nothing happens.
struct Tick {};

using RunEvent =
    std::variant<FromRank, RankDied, RankTalksNonsense, FileLookedFor, Stored, StageOpened,
                 ReferencesMade, WorkOver, EndingWritten, SinkFailed, EndAsked, Tick>;

}  // namespace bundle_match::machine

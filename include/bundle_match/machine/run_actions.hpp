// What rank 0's machine wants done.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/outcome.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/machine/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace bundle_match::machine {

/// Send the message; to rank 0: to the part of it that computes.
struct Send {
  Rank rank;
  CoordinatorMessage message;
};

/// Send these bytes of the set of references, as a ReferencesPiece.
struct SendReferences {
  Rank rank;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t set_bytes = 0;  ///< of the whole set
};

/// Note that the task is begun, then send it to the rank as an Order with that number.
struct HandOut {
  Rank rank;
  OrderId order;
  TaskId task;
};

/// To the sink: keep the result.
struct Keep {
  Rank rank;
  TaskId task;
  OrderResult result;
  bool rank_0_sees_file = false;  ///< the rank did not find a file that is there on rank 0's host
  Time came = {};
};

/// To the sink: note that a compute process died of the task.
struct KeepDeath {
  TaskId task;
  std::string reason;
};

/// Find out whether this rank sees the file that another one did not find.
struct LookForFile {
  OrderId order;
  TaskId task;
};

/// To the sink: from now on, others use the cores of this rank, which has nothing to do, or they do
/// no more.
struct NoteLending {
  Rank rank;
  bool lends = false;
  Time at = {};
};

/// To the sink, after what was kept before: tell what is to be done next.
struct OpenStage {};

/// To the sink, after what was kept before: the features of these images are lost; tell which are
/// still needed.
struct FindLost {
  std::vector<ReferenceIndex> images;
};

/// To the sink: note at once that the run was asked to end.
struct NoteEndAsked {};

/// To the sink, after what was kept before: the run ends before all was done.
struct AbandonStage {};

/// To the sink: no more work comes, and every rank has said goodbye or is lost; write the summary.
struct WriteEnding {
  Outcome outcome;
};

/// End what still runs of a rank that is lost or does not leave, if it is on this node: the
/// launcher would wait for it.
struct Kill {
  Rank rank;
};

/// Tell the user: the rank has started.
struct TellStarted {
  Rank rank;
  Hello hello;
};

/// The rank is lost: drop what is on its way to it, and tell the user. So many of its tasks are
/// handed to others.
struct DropRank {
  Rank rank;
  std::string how;
  std::size_t tasks = 0;
};

/// Tell the user: the rank has this problem beside the images.
struct TellProblem {
  Rank rank;
  std::string problem;
};

/// Tell the user: the run was asked to end, and images under way are finished.
struct TellEndAsked {};

/// The run is over. If `finalize`, MPI can be finalized; else ranks are gone, and it would wait for
/// them.
struct Finish {
  Outcome outcome;
  bool finalize = true;
};

using RunAction =
    std::variant<Send, SendReferences, HandOut, Keep, KeepDeath, LookForFile, NoteLending,
                 OpenStage, FindLost, NoteEndAsked, AbandonStage, WriteEnding, Kill, TellStarted,
                 DropRank, TellProblem, TellEndAsked, Finish>;

}  // namespace bundle_match::machine

// A worker's decisions: what it does with the messages of rank 0 and the events of its processor,
// and when it says what. Pure, as rank 0's machine is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "bundle_match/machine/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match::machine {

/// The processor has started.
struct ProcessorReady {
  Hello hello;
};

/// An order is done, or a process died of it.
struct ProcessorSaid {
  std::variant<OrderResult, ProcessDied> message;
};

/// What follows from TakePiece or OpenElsewhere.
struct ReferencesTaken {
  std::uint64_t received_bytes = 0;
  std::optional<SharedFile> complete;  ///< once all is there: this rank's file
};

/// Time has passed. To be told often, also when nothing happens.
struct WorkerTick {
  /// The processor still has something to do beside results (entries of the cache).
  bool busy_behind = false;
  /// Orders of the processor that wait for references, if all that it has do.
  std::uint32_t waiting = 0;
};

using WorkerEvent =
    std::variant<CoordinatorMessage, ProcessorReady, ProcessorSaid, ReferencesTaken, WorkerTick>;

/// Send the message to rank 0.
struct Say {
  WorkerMessage message;
};

/// Send a Goodbye, with the problems that there were.
struct SayGoodbye {};

/// Give the order to the processor.
struct Submit {
  Order order;
};

/// Give the piece of a file to the processor: an order that carries it follows.
struct TakeFilePiece {
  FilePiece piece;
};

/// Append the bytes to this rank's file of references, unless it is longer than their offset;
/// answer with ReferencesTaken.
struct TakePiece {
  ReferencesPiece piece;
};

/// Open the file instead, if it is there; answer with ReferencesTaken.
struct OpenElsewhere {
  SharedFile file;
};

/// Have the processor use these cores, too, from now on.
struct UseCores {
  LentCores lent;
};

/// End the loop: MPI is to be finalized.
struct EndLoop {};

/// Leave at once, without MPI_Finalize.
struct LeaveNow {};

/// Leave at once: rank 0 is silent.
struct GiveUp {};

using WorkerAction = std::variant<Say, SayGoodbye, Submit, TakeFilePiece, TakePiece, OpenElsewhere,
                                  UseCores, EndLoop, LeaveNow, GiveUp>;

class WorkerMachine {
 public:
  /// Rank 0 is given up after so long a silence; 0: never. It waits for this rank half as long.
  WorkerMachine(Duration rank_0_timeout, Time now);

  /// Appends what is to be done to `actions`, in order.
  void handle(Time now, WorkerEvent event, std::vector<WorkerAction>& actions);

  /// Whether it takes no more work.
  [[nodiscard]] bool stopping() const { return state_ != State::working; }

 private:
  enum class State {
    working,
    stopping,  // told to, but its processor is still busy
    stopped,   // has said goodbye
    over,
  };

  void on(CoordinatorMessage& message);
  void on(ProcessorReady& event);
  void on(ProcessorSaid& event);
  void on(const ReferencesTaken& event);
  void on(const WorkerTick& event);

  void take(Order& order);
  void take(FilePiece& piece);
  void take(ReferencesPiece& piece);
  void take(const ReferencesElsewhere& elsewhere);
  void take(LentCores& lent);
  void take(const StillAlive& alive);
  void take(const Stop& stop);
  void take(const Finalize& finalize);
  void take(const Leave& leave);

  void say(WorkerMessage message);

  Time now_;
  Duration alive_every_;
  std::vector<WorkerAction>* actions_ = nullptr;  // during handle()
  State state_ = State::working;
  SilenceMonitor rank_0_;
  Time next_alive_;
  std::uint32_t waiting_ = 0;  // as rank 0 was told
};

}  // namespace bundle_match::machine

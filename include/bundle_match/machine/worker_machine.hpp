// A worker's decisions: what it does with the messages of rank 0 and the events of its processor,
// and when it says what. Pure, as rank 0's machine is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "bundle_match/machine/feature_exchange.hpp"
#include "bundle_match/machine/time.hpp"

#include <cstdint>
#include <map>
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

/// Another rank has said something about features.
struct PeerSaid {
  Rank from;
  PeerMessage message;
};

/// The answer to AppendFeatures.
struct FeaturesAppended {
  std::uint64_t number = 0;
  StoredFeatures stored;
};

/// The other answer to AppendFeatures: there is no room, as the text says.
struct FeaturesNotAppended {
  std::string why;
};

/// The answer to UseStore.
struct StoreOpened {
  Rank keeper;
  bool is_open = false;
};

/// The answer to ReadAndSend, if there is nothing to send.
struct FeaturesUnreadable {
  Rank to;
  FeatureHome home;
};

/// Time has passed. To be told often, also when nothing happens.
struct WorkerTick {
  /// The processor still has something to do beside results (entries of the cache).
  bool busy_behind = false;
  /// Orders of the processor that wait for references, if all that it has do.
  std::uint32_t waiting = 0;
};

using WorkerEvent = std::variant<CoordinatorMessage, ProcessorReady, ProcessorSaid, ReferencesTaken,
                                 PeerSaid, FeaturesAppended, FeaturesNotAppended,
                                 FeaturesUnreadable, StoreOpened, WorkerTick>;

/// Send the message to rank 0.
struct Say {
  WorkerMessage message;
};

/// Send a Goodbye, with the problems that there were.
struct SayGoodbye {};

/// Give the order to the processor.
struct Submit {
  Order order;
  std::vector<StoredFeatures> stored;  ///< what its homes stand for, in the store of this host
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

using WorkerAction =
    std::variant<Say, SayGoodbye, Submit, TakeFilePiece, TakePiece, OpenElsewhere, UseCores,
                 SendToPeer, AppendFeatures, ReadAndSend, UseStore, EndLoop, LeaveNow, GiveUp>;

struct WorkerSettings {
  /// Rank 0 is given up after so long a silence; 0: never. It waits for this rank half as long.
  Duration rank_0_timeout{};
  Rank self;
  StoreFiles store;  ///< this rank's own, should it keep the features of its host
  /// Features go to rank 0 with the answers, also if hosts keep them.
  bool rank_0_takes_features = false;
};

class WorkerMachine {
 public:
  WorkerMachine(WorkerSettings settings, Time now);

  /// Appends what is to be done to `actions`, in order.
  void handle(Time now, WorkerEvent event, std::vector<WorkerAction>& actions);

  /// Whether features of orders, or of results, are on their way.
  [[nodiscard]] bool waits_for_features() const { return !orders_.empty() || !results_.empty(); }
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
  void on(PeerSaid& event);
  void on(const FeaturesAppended& event);
  void on(FeaturesNotAppended& event);
  void on(const FeaturesUnreadable& event);
  void on(const StoreOpened& event);
  void on(const WorkerTick& event);

  void take(Order& order);
  void take(FilePiece& piece);
  void take(ReferencesPiece& piece);
  void take(const ReferencesElsewhere& elsewhere);
  void take(LentCores& lent);
  void take(const FeatureKeepers& keepers);
  void take(const Greet& greet);
  void take(const StillAlive& alive);
  void take(const Stop& stop);
  void take(const Finalize& finalize);
  void take(const Leave& leave);

  void follow(FeatureExchange::Actions& actions);
  void follow(AskForGreeting& action);
  void follow(TellNotShared& action);
  void follow(ResultKept& action);
  void follow(FeaturesReady& action);
  void follow(FeaturesLost& action);
  // What the owner of this machine is to do.
  template <class Action>
  void follow(Action& action) {
    actions_->emplace_back(std::move(action));
  }
  void keep_features(OrderResult result);
  void say(WorkerMessage message);

  bool rank_0_takes_features_;
  Time now_;
  Duration alive_every_;
  std::vector<WorkerAction>* actions_ = nullptr;  // during handle()
  State state_ = State::working;
  SilenceMonitor rank_0_;
  Time next_alive_;
  std::uint32_t waiting_ = 0;  // as rank 0 was told
  FeatureExchange exchange_;
  bool hosts_keep_features_ = false;
  std::map<OrderId, Order> orders_;         // whose features are on their way
  std::map<OrderId, OrderResult> results_;  // whose features are being kept
};

}  // namespace bundle_match::machine

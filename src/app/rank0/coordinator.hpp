// Rank 0's loop: brings events to the run's machine, and does what it says. Decides nothing itself,
// and waits for nobody.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/backoff.hpp"
#include "bundle_match/machine/run_machine.hpp"
#include "bundle_match/transport/link.hpp"
#include "command/run_input.hpp"
#include "rank0/background.hpp"
#include "rank0/order_sender.hpp"
#include "rank0/rank_record.hpp"
#include "sink/sink.hpp"
#include "sink/stage.hpp"
#include "terminal/console.hpp"
#include "terminal/progress.hpp"
#include "terminal/run_monitor.hpp"
#include "worker/computing_part.hpp"
#include "worker/pause_meter.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::app {

class Coordinator {
 public:
  /// All referenced objects must outlive it. A rank that is silent for `rank_timeout_s` is taken
  /// for lost; 0: never. `start` is when the program started.
  Coordinator(transport::Link& link, compute::ImageProcessor& processor, const RunInput& input,
              Console& console, double rank_timeout_s, std::chrono::steady_clock::time_point start);

  /// Runs the job to its end.
  [[nodiscard]] machine::Finish run();

  /// Of each rank, as far as it is known.
  [[nodiscard]] const RankRecords& ranks() const { return ranks_; }
  /// When the last stage's work could begin.
  [[nodiscard]] std::chrono::steady_clock::time_point stage_start() const { return stage_start_; }
  /// Time from then to its last result.
  [[nodiscard]] double stage_elapsed_s() const;
  [[nodiscard]] double longest_pause_ms() const { return pauses_.longest_ms(); }

 private:
  using Clock = std::chrono::steady_clock;

  // Bytes of the set of references for a rank, or why they cannot be read.
  struct ReadPiece {
    Rank rank;
    std::variant<ReferencesPiece, std::string> piece;
  };

  // Where events come from. Each returns whether there was any.
  bool take_messages();
  bool take_peer_messages();
  bool take_own_messages();
  bool take_sink_events();
  bool take_read_files();
  bool take_refused_orders();
  bool take_background_events();
  bool take_read_pieces();
  void take_signals();
  void open(OpenedStage stage);
  void handle(machine::RunEvent event);

  // One for each action.
  void act(machine::Send& action);
  void act(const machine::SendReferences& action);
  void act(const machine::HandOut& action);
  void act(machine::Keep& action);
  void act(machine::KeepDeath& action);
  void act(const machine::LookForFile& action);
  void act(const machine::OpenStage& action);
  void act(machine::FindLost& action);
  void act(const machine::NoteLending& action);
  void act(const machine::NoteEndAsked& action);
  void act(const machine::AbandonStage& action);
  void act(machine::WriteEnding& action);
  void act(const machine::Kill& action);
  void act(const machine::TellStarted& action);
  void act(const machine::DropRank& action);
  void act(const machine::TellProblem& action);
  void act(const machine::TellEndAsked& action);
  void act(machine::Finish& action);

  void send(Rank rank, CoordinatorMessage message);
  void send(ReadPiece read);
  void send_order(Rank rank, Order order);
  void send_suspect(OrderId id);
  [[nodiscard]] std::optional<std::string> add_homes(Order& order) const;
  [[nodiscard]] machine::RunEvent checked(Rank rank, WorkerMessage message) const;

  transport::Link& link_;
  compute::ImageProcessor& processor_;
  const RunInput& input_;
  Console& console_;
  Progress progress_;
  RankRecords ranks_;
  std::set<std::pair<std::string, std::string>> warned_;  // host, warning
  Clock::time_point now_ = Clock::now();  // looked at once a turn of the loop: it is called often
  machine::RunMachine machine_;
  std::vector<machine::RunAction> actions_;  // kept: its memory is reused
  ComputingPart own_;
  std::deque<WorkerMessage> own_messages_;
  OrderSender sender_;
  Background<machine::RunEvent> background_;
  Background<ReadPiece> pieces_;
  Sink sink_;
  // Orders of suspects: not sent before it is noted that they are begun, as they may end
  // everything.
  std::unordered_map<OrderId, Order> suspects_;
  // Results of orders that cannot be sent, as features of an image are lost for good.
  std::deque<RefusedOrder> refused_;
  std::optional<OpenedStage> stage_;
  std::optional<RunMonitor> monitor_;  // of the stage
  Clock::time_point stage_start_;
  Clock::time_point last_result_;
  Backoff backoff_;
  PauseMeter pauses_;
  std::optional<machine::Finish> finish_;
};

}  // namespace bundle_match::app

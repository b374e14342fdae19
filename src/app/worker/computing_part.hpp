// The part of a rank that computes, rank 0's too: a worker's machine, with its processor and its
// file of references. Whoever has it passes messages on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/peer_messages.hpp"
#include "bundle_match/features/feature_store.hpp"
#include "bundle_match/machine/worker_machine.hpp"
#include "worker/reference_file.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace bundle_match::app {

class ComputingPart {
 public:
  using Say = std::function<void(WorkerMessage)>;
  using SayToPeer = std::function<void(Rank, PeerMessage)>;

  struct Settings {
    /// Rank 0 is given up after so long a silence; 0: never.
    machine::Duration rank_0_timeout{};
    Rank self;
    /// Features go to rank 0 with the answers, also if hosts keep them.
    bool rank_0_takes_features = false;
    /// For references that rank 0 sends, and for what this rank keeps for its host.
    features::FeatureSetPlace place = {};
  };

  /// How it ended.
  enum class End {
    finalize,      ///< MPI is to be finalized
    leave,         ///< ranks were lost: MPI must not be finalized
    rank_0_silent  ///< rank 0 is given up
  };

  /// `say` takes what rank 0 is to be told, `say_to_peer` what another rank is to be told about
  /// features. The processor must outlive it. Throws std::system_error if there is no memory for
  /// files.
  ComputingPart(compute::ImageProcessor& processor, Settings settings, Say say,
                SayToPeer say_to_peer);

  /// A message of rank 0.
  void deliver(CoordinatorMessage message);
  /// A message of another rank.
  void deliver(Rank from, PeerMessage message);

  /// Takes what the processor has done by now; to be called often. Returns whether it was anything.
  bool step();

  /// Whether orders, or results, wait for other ranks.
  [[nodiscard]] bool waits_for_features() const { return machine_.waits_for_features(); }

  /// Once it has ended.
  [[nodiscard]] std::optional<End> end() const { return end_; }

  /// How long its owner's loop has paused at most; it is told with the goodbye.
  void set_longest_pause_ms(double longest_ms) { longest_pause_ms_ = longest_ms; }

 private:
  void handle(machine::WorkerEvent event);
  void act(machine::Say& action);
  void act(const machine::SayGoodbye& action);
  void act(machine::Submit& action);
  void act(const machine::TakeFilePiece& action);
  void act(const machine::TakePiece& action);
  void act(const machine::OpenElsewhere& action);
  void act(const machine::UseCores& action);
  void act(machine::SendToPeer& action);
  void act(const machine::AppendFeatures& action);
  void act(const machine::ReadAndSend& action);
  void act(const machine::UseStore& action);
  void act(const machine::EndLoop& action);
  void act(const machine::LeaveNow& action);
  void act(const machine::GiveUp& action);
  void take(machine::ReferencesTaken taken);
  [[nodiscard]] machine::WorkerEvent to_worker_event(compute::ProcessorEvent event) const;

  compute::ImageProcessor& processor_;
  Say say_;
  SayToPeer say_to_peer_;
  features::FeatureStore store_;
  machine::WorkerMachine machine_;
  ReferenceFile references_;
  double longest_pause_ms_ = 0;
  std::optional<End> end_;
};

}  // namespace bundle_match::app

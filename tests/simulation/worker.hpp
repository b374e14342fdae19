// A simulated rank around a worker's machine: rank 0's own computing part is one, too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/worker_machine.hpp"
#include "judge.hpp"
#include "network.hpp"
#include "processor.hpp"
#include "world_base.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace bundle_match::simulation {

/// How a rank's part in the run ended.
enum class WorkerEnd { not_yet, finalized, left, gave_up, died };

class Worker {
 public:
  /// `rank_0_timeout`: as WorkerMachine's.
  Worker(WorldBase& base, Network& network, Judge& judge, Rank rank, Duration rank_0_timeout);

  void take(CoordinatorMessage message) { handle(std::move(message)); }
  void take(Rank peer, PeerMessage message) { handle(machine::PeerSaid{peer, std::move(message)}); }
  void start_processor();
  /// Events of its processor: see there.
  void step_processor(const Event& event) { processor_.step(event); }
  void hear_processor(const Event& event);
  void look_at_time();
  /// Its process is killed.
  void die() { end(WorkerEnd::died); }

  [[nodiscard]] WorkerEnd ended() const { return end_; }

 private:
  // Its file of references, by size.
  struct ReferenceFile {
    std::uint64_t received_bytes = 0;
    bool complete = false;
  };

  void handle(machine::WorkerEvent event);
  void take_from_processor();
  void end(WorkerEnd how);

  void carry_out(machine::Say& say);
  void carry_out(const machine::SayGoodbye& say);
  void carry_out(machine::Submit& submit);
  void carry_out(const machine::TakeFilePiece& /*take*/) {}  // orders alone are simulated
  void carry_out(const machine::TakePiece& take);
  void carry_out(const machine::OpenElsewhere& open);
  void carry_out(const machine::UseCores& /*use*/) {}
  void carry_out(const machine::SendToPeer& send);
  void carry_out(const machine::AppendFeatures& append);
  void carry_out(const machine::ReadAndSend& read);
  void carry_out(const machine::UseStore& use);
  void carry_out(const machine::EndLoop& end);
  void carry_out(const machine::LeaveNow& leave);
  void carry_out(const machine::GiveUp& give_up);

  void check_features(const machine::Submit& submit) const;
  void use_references();
  [[nodiscard]] machine::ReferencesTaken references_taken() const;

  WorldBase& base_;
  Network& network_;
  Judge& judge_;
  Rank rank_;
  machine::WorkerMachine machine_;
  Processor processor_;
  ReferenceFile references_;
  std::optional<Rank> store_of_;              // the rank whose store it looks into
  std::vector<machine::WorkerEvent> follow_;  // from actions: told to the machine next
  int goodbyes_ = 0;
  WorkerEnd end_ = WorkerEnd::not_yet;
};

/// The bytes of a piece are told by their number alone: as many as `size_bytes`.
[[nodiscard]] ReferencesPiece piece_of(std::uint64_t offset, std::uint64_t size_bytes,
                                       std::uint64_t set_bytes);
[[nodiscard]] std::uint64_t size_of(const ReferencesPiece& piece);

/// The file of references that a rank holds open, and whose a file is.
[[nodiscard]] SharedFile file_of(Rank rank, std::uint64_t size_bytes);
[[nodiscard]] Rank owner_of(const SharedFile& file);

}  // namespace bundle_match::simulation

// Rank 0 in a simulated world: its machine, what carries out the actions, and the judge between.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/run_machine.hpp"
#include "judge.hpp"
#include "network.hpp"
#include "sink.hpp"
#include "world_base.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::simulation {

class Rank0 {
 public:
  /// `kill` ends the process of a rank.
  Rank0(WorldBase& base, Network& network, Judge& judge, Store& store,
        std::function<void(Rank)> kill);

  /// An event of rank 0's process, its computing part excluded.
  void handle(const Event& event);

  /// It has left, or was killed.
  [[nodiscard]] bool gone() const { return killed_ || judge_.facts().finished; }
  [[nodiscard]] bool killed() const { return killed_; }

 private:
  // An order that is handed out, but not sent yet: its beginning is to be noted on the disk, or its
  // file to be read.
  struct Waiting {
    Rank rank;
    Order order;
  };

  void tell(machine::RunEvent event);
  void tell_what_is_planned();
  void check_it_is_over();

  void send_waiting_order(std::uint64_t number);
  [[nodiscard]] bool add_features(const StagePlan& stage, std::uint64_t task, Order& order) const;

  void carry_out(machine::Send& send);
  void carry_out(const machine::SendReferences& send);
  void carry_out(const machine::HandOut& hand_out);
  void carry_out(const machine::LookForFile& look);
  void carry_out(const machine::Kill& kill);
  void carry_out(const machine::DropRank& drop);
  void carry_out(const machine::TellStarted& started);
  void carry_out(const machine::TellProblem& problem);
  void carry_out(const machine::TellEndAsked& asked);
  void carry_out(const machine::Finish& finish);
  template <class SinkItem>
  requires std::is_constructible_v<Sink::Item, std::in_place_type_t<SinkItem>>
  void carry_out(SinkItem& item);

  WorldBase& base_;
  Network& network_;
  Judge& judge_;
  const Store& store_;
  Sink sink_;
  std::function<void(Rank)> kill_;
  machine::RunMachine machine_;
  std::vector<Waiting> waiting_;
  std::uint64_t told_ = 0;
  std::optional<std::uint64_t> end_asked_again_at_;
  bool killed_ = false;
};

}  // namespace bundle_match::simulation

// Watches all that rank 0's machine is told and wants, and throws a Violation when it breaks a
// rule. It keeps books of its own, and knows of the machine only its events and actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/run_actions.hpp"
#include "bundle_match/machine/run_events.hpp"
#include "end_judge.hpp"
#include "facts.hpp"
#include "fleet_judge.hpp"
#include "lending_judge.hpp"
#include "work_judge.hpp"

namespace bundle_match::simulation {

class Judge {
 public:
  Judge(const WorldBase& base, const Store& store);

  /// Rank 0's machine is about to be told the event; then each action that it wants; then there are
  /// no more.
  void told(const machine::RunEvent& event);
  void wanted(const machine::RunAction& action);
  void settled();

  // What befalls ranks, and what they really do.
  void excuse(Rank rank) { fleet_.excuse(rank); }
  void submitted(Rank rank, const Order& order, bool has_references) const {
    work_.submitted(rank, order, has_references);
  }
  void computed(Rank rank, OrderId order) { work_.computed(rank, order); }

  [[nodiscard]] const RunFacts& facts() const { return facts_; }

 private:
  void learn(const machine::RunEvent& event);
  void learn(const machine::FromRank& from);
  void learn(const machine::RunAction& action);

  const WorldBase& base_;
  RunFacts facts_;
  WorkJudge work_;
  FleetJudge fleet_;
  EndJudge end_;
  LendingJudge lending_;
};

}  // namespace bundle_match::simulation

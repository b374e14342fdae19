// Judges how rank 0 treats the other ranks: whom it takes for lost, that it is heard of, and how
// all part in the end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "facts.hpp"

#include <optional>

namespace bundle_match::simulation {

class FleetJudge {
 public:
  FleetJudge(const WorldBase& base, const RunFacts& facts)
      : base_(base),
        facts_(facts),
        ranks_(base.run.ranks.size(), {base.now, base.now}),
        last_tick_(base.now) {}

  /// Something befell the rank for which it may be taken for lost.
  void excuse(Rank rank) { of(rank).excused = true; }

  void told(const machine::FromRank& from);
  void told(const machine::RankDied& died) { due_loss(died.rank, false); }
  void told(const machine::RankTalksNonsense& talk) { due_loss(talk.rank, true); }
  void told(const machine::Tick& tick);

  void wanted(const machine::Send& send);
  void wanted(const machine::SendReferences& send);
  void wanted(const machine::HandOut& hand_out) const { check_not_lost(hand_out.rank); }
  void wanted(const machine::DropRank& drop);
  void wanted(const machine::Kill& kill);
  void wanted(const machine::TellStarted& started);
  void wanted(const machine::WriteEnding& ending) const;
  void wanted(const machine::Finish& finish) const;

  /// All actions of an event were seen.
  void settled();

 private:
  struct RankRecord {
    Time heard;
    Time last_alive;    // rank 0 has said StillAlive to it
    Duration silent{};  // while rank 0 listened
    bool excused = false;
    bool greeted = false;  // the user was told that it has started
    bool reference_under_way = false;
    bool said_goodbye = false;  // since it was told to stop or leave
    int stops = 0;
    int finalizes = 0;
    int leaves = 0;
  };

  RankRecord& of(Rank rank) { return ranks_.at(rank); }
  [[nodiscard]] const RankRecord& of(Rank rank) const { return ranks_.at(rank); }
  void due_loss(Rank rank, bool still_runs);
  void check_not_lost(Rank rank) const;
  void check_silence();
  void check_alive_is_said();
  void check_references_come();
  [[nodiscard]] bool any_lost() const;

  const WorldBase& base_;
  const RunFacts& facts_;
  ById<Rank, RankRecord> ranks_;
  Time last_tick_;
  Duration last_gap_{};
  bool ticked_ = false;
  std::optional<Rank> due_loss_;
  std::optional<Rank> due_kill_;
  bool still_runs_ = false;  // the rank of due_loss_
  std::optional<Time> leave_at_;
};

}  // namespace bundle_match::simulation

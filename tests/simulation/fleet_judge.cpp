// The rules for ranks.
// SPDX-License-Identifier: Apache-2.0
#include "fleet_judge.hpp"

#include "worker.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace bundle_match::simulation {
namespace {

constexpr const char* kLost = "no rank is lost that was heard in time";
constexpr const char* kFound = "a rank that is dead, silent or mad is found";
constexpr const char* kSilentToLost = "nothing is sent to a lost rank";
constexpr const char* kAlive = "rank 0 says often that it is alive";
constexpr const char* kGoodbye = "the ending is written after all goodbyes";
constexpr const char* kFinalize = "MPI is finalized if and only if no rank was lost";
constexpr const char* kOneWayOut = "every live rank is told once how to leave";
constexpr const char* kReferencesCome = "references come to every rank that needs them";
constexpr const char* kOnePiece = "a rank gets one message of references at a time";

}  // namespace

void FleetJudge::told(const machine::FromRank& from) {
  RankRecord& rank = of(from.rank);
  rank.heard = base_.now;
  rank.silent = {};
  if (std::holds_alternative<Goodbye>(from.message)) {
    rank.said_goodbye = true;
  } else if (std::holds_alternative<WantsReferences>(from.message) ||
             std::holds_alternative<HasReferences>(from.message)) {
    rank.reference_under_way = false;
  }
}

void FleetJudge::due_loss(Rank rank, bool still_runs) {
  if (rank == kRank0 || facts_.of(rank).lost) {
    return;
  }
  if (!leave_at_) {
    due_loss_ = rank;
    still_runs_ = still_runs;
  } else if (!still_runs) {
    of(rank).said_goodbye = true;  // who was told to leave may go without a word
  }
}

// A gap between two ticks that is longer was a pause of rank 0: nobody could be heard in it.
void FleetJudge::told(const machine::Tick& /*tick*/) {
  ticked_ = true;
  last_gap_ = base_.now - last_tick_;
  last_tick_ = base_.now;
  for (RankRecord& rank : ranks_) {
    if (last_gap_ <= alive_every(base_.run.timeout)) {
      rank.silent += std::min(last_gap_, base_.now - rank.heard);
    }
  }
}

void FleetJudge::check_not_lost(Rank rank) const {
  require(!facts_.of(rank).lost, kSilentToLost, "rank 0 sends to a lost rank");
}

void FleetJudge::wanted(const machine::Send& send) {
  check_not_lost(send.rank);
  RankRecord& rank = of(send.rank);
  require(rank.finalizes == 0 || rank.leaves == 0, kOneWayOut, "it is told both");
  if (std::holds_alternative<StillAlive>(send.message)) {
    rank.last_alive = base_.now;
  } else if (std::holds_alternative<Stop>(send.message)) {
    require(++rank.stops == 1, kOneWayOut, "a rank is told to stop a second time");
    rank.said_goodbye = false;
  } else if (std::holds_alternative<Finalize>(send.message)) {
    require(++rank.finalizes == 1, kOneWayOut, "a rank is told to finalize a second time");
  } else if (std::holds_alternative<Leave>(send.message)) {
    require(++rank.leaves == 1, kOneWayOut, "a rank is told to leave a second time");
    rank.said_goodbye = false;
    leave_at_ = base_.now;
  } else if (const auto* const elsewhere = std::get_if<ReferencesElsewhere>(&send.message)) {
    require(!facts_.of(owner_of(elsewhere->file)).lost, kReferencesCome, "a lost rank has them");
    require(!rank.reference_under_way || base_.run.repeated > 0, kOnePiece, "the file's place");
    rank.reference_under_way = true;
  }
}

void FleetJudge::wanted(const machine::SendReferences& send) {
  check_not_lost(send.rank);
  RankRecord& rank = of(send.rank);
  require(!rank.reference_under_way || base_.run.repeated > 0, kOnePiece, "a piece");
  rank.reference_under_way = true;
}

void FleetJudge::wanted(const machine::DropRank& drop) {
  require(drop.rank != kRank0 && !facts_.of(drop.rank).lost, kLost,
          "it was lost before, or is rank 0");
  require(!leave_at_, kLost, "it was told to leave");
  const RankRecord& rank = of(drop.rank);
  if (due_loss_ == drop.rank) {
    due_loss_.reset();
    if (still_runs_) {
      due_kill_ = drop.rank;
    }
    return;
  }
  require(ticked_ && base_.run.timeout > Duration::zero() && rank.silent > base_.run.timeout, kLost,
          "it was heard within the time-out");
  require(rank.excused || base_.run.far_too_late > 0, kLost, "nothing is wrong with it");
  due_kill_ = drop.rank;
}

void FleetJudge::wanted(const machine::Kill& kill) {
  const bool stuck =
      leave_at_ && base_.now >= *leave_at_ + machine::kFarewell && !of(kill.rank).said_goodbye;
  require(facts_.of(kill.rank).lost || stuck, kLost, "a rank is killed that is well");
  if (due_kill_ == kill.rank) {
    due_kill_.reset();
  }
}

void FleetJudge::wanted(const machine::TellStarted& started) {
  require(!std::exchange(of(started.rank).greeted, true), kLost, "a rank starts a second time");
}

bool FleetJudge::any_lost() const {
  return std::any_of(facts_.ranks.begin(), facts_.ranks.end(),
                     [](const RankFacts& rank) { return rank.lost; });
}

void FleetJudge::wanted(const machine::WriteEnding& /*ending*/) const {
  for (const Rank rank : facts_.ranks.ids()) {
    require(facts_.of(rank).lost || (of(rank).stops == 1 && of(rank).said_goodbye), kGoodbye,
            "a goodbye is missing");
  }
}

void FleetJudge::wanted(const machine::Finish& finish) const {
  require(finish.finalize == !any_lost(), kFinalize, "the end");
  for (const Rank rank : facts_.ranks.ids()) {
    const RankRecord& it = of(rank);
    if (facts_.of(rank).lost) {
      continue;
    }
    require(it.finalizes == (finish.finalize ? 1 : 0) && it.leaves == (finish.finalize ? 0 : 1),
            kOneWayOut, "it was told another one, or none");
    require(finish.finalize || it.said_goodbye || base_.now >= *leave_at_ + machine::kFarewell,
            kGoodbye, "rank 0 leaves too early");
  }
}

void FleetJudge::check_silence() {
  if (base_.run.timeout == Duration::zero() || leave_at_) {
    return;
  }
  for (const Rank rank : worker_ranks(facts_.ranks.size())) {
    require(facts_.of(rank).lost || of(rank).silent <= base_.run.timeout, kFound,
            "a silent rank is not missed");
  }
}

void FleetJudge::check_alive_is_said() {
  const Duration longest = alive_every(base_.run.timeout) + last_gap_;
  for (const Rank rank : facts_.ranks.ids()) {
    require(facts_.of(rank).lost || base_.now - of(rank).last_alive <= longest, kAlive,
            "a rank was told nothing for too long");
  }
}

// They are on their way to it, or to another one of its host, whose file it will open. (A message
// that comes twice may be the answer to one under way.)
void FleetJudge::check_references_come() {
  for (const Rank rank : worker_ranks(facts_.ranks.size())) {
    const RankFacts& it = facts_.of(rank);
    if (!it.started || it.lost || it.has_references) {
      continue;
    }
    bool under_way = false;
    for (const Rank other : worker_ranks(facts_.ranks.size())) {
      under_way |= base_.run.of(other).host == base_.run.of(rank).host && !facts_.of(other).lost &&
                   of(other).reference_under_way;
    }
    require(under_way, kReferencesCome, "nothing is sent");
  }
}

void FleetJudge::settled() {
  require(!due_loss_, kFound, "it is not dropped");
  require(!due_kill_, kFound, "a lost rank may still run, and is not killed");
  if (ticked_ && !facts_.finished) {
    check_silence();
    check_alive_is_said();
  }
  if (facts_.stage_is_open && (facts_.needs_references || facts_.references_made) &&
      base_.run.repeated == 0) {
    check_references_come();
  }
  ticked_ = false;
}

}  // namespace bundle_match::simulation

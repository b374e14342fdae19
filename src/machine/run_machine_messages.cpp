// What rank 0's machine makes of the messages of ranks, and how work gets to them.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/run_machine.hpp"

#include <utility>

namespace bundle_match::machine {

void RunMachine::on(FromRank& event) {
  if (!is_live(event.rank)) {
    return;  // late: its tasks were handed to others
  }
  silence_.heard(event.rank, now_);
  std::visit([&](auto& message) { take(event.rank, message); }, event.message);
}

void RunMachine::take(Rank rank, const Hello& hello) {
  if (std::exchange(ranks_.at(rank).started, true)) {
    return;
  }
  actions_->emplace_back(TellStarted{rank, hello});
  lending_.set_cores(rank, hello.cores);
  note_activity(rank);
  if (state_ == State::working) {
    give_work(rank);
  }
}

void RunMachine::take(Rank rank, OrderResult& result) {
  const OrderId order = result.order;
  const auto task = scheduler_.find(rank, order);
  if (!task) {
    return;  // late, or a second time
  }
  if (names_no_rank(result)) {
    lose_and_kill(rank, "names a rank that there is not");
    return;
  }
  if (result.not_found && hosts_.of(rank) != hosts_.of(kRank0)) {
    missing_.park({rank, *task, std::move(result)});
    actions_->emplace_back(LookForFile{order, *task});
  } else {
    const auto elapsed_ms = static_cast<double>(result.elapsed_ms.total());
    if (!settings_.sends_files && elapsed_ms > 0) {  // none: its rank gave it up
      scheduler_.set_credit(credit_.add(elapsed_ms));
    }
    note_features(*task, result);
    keep(rank, *task, std::move(result), false);
  }
  hand_out(scheduler_.order_done(rank, order));
  note_activity(rank);
}

// A file that is missing on a worker's host alone is the cluster's fault, not the image's.
void RunMachine::on(const FileLookedFor& event) {
  auto parked = missing_.take(event.order);
  if (!parked) {
    return;
  }
  if (event.found && rank_0_helps_from_ && parked->task >= *rank_0_helps_from_) {
    // Unless the run is to end: then the next one does it. Kept as missing, it would never be done.
    hand_out(scheduler_.reserve(kRank0, parked->task));
  } else {
    keep(parked->rank, parked->task, std::move(parked->result), event.found);
  }
}

void RunMachine::take(Rank rank, const ProcessDied& died) {
  if (const auto task = scheduler_.find(rank, died.order)) {
    actions_->emplace_back(KeepDeath{*task, died.reason});
  }
}

void RunMachine::take(Rank /*rank*/, const StillAlive& /*alive*/) {}

void RunMachine::take(Rank rank, const WantsReferences& wants) {
  if (sharing_) {
    send_references(sharing_->wants_more(rank, wants.received_bytes));
  }
}

void RunMachine::take(Rank rank, const HasReferences& has) {
  if (!sharing_ || std::exchange(ranks_.at(rank).has_references, true)) {
    return;
  }
  send_references(sharing_->has_all(rank, has.file));
  if (state_ == State::working) {
    give_work(rank);
  }
}

void RunMachine::take(Rank rank, const Goodbye& goodbye) {
  ranks_.at(rank).said_goodbye = true;
  if (!goodbye.problem.empty()) {
    actions_->emplace_back(TellProblem{rank, goodbye.problem});
  }
}

void RunMachine::take(Rank rank, const WaitsForReferences& waits) {
  ranks_.at(rank).waiting = waits.orders;
  note_activity(rank);
}

void RunMachine::take(Rank rank, const WantsGreeting& wants) {
  if (!ranks_.contains(wants.of)) {
    lose_and_kill(rank, "names a rank that there is not");
  } else if (is_live(wants.of)) {
    send(wants.of, Greet{rank});
  }
}

// Of those that rank 0 takes for there: somebody else has lost them, or the way to them.
void RunMachine::take(Rank rank, const LacksFeatures& lacks) {
  if (!features_ || !scheduler_.find(rank, lacks.order)) {
    return;
  }
  bool any = false;
  for (const FeatureHome& home : lacks.homes) {
    any = features_->lose(home) || any;
  }
  if (any) {
    find_lost();
  }
  hand_out(scheduler_.give_back(rank, lacks.order));
  note_activity(rank);
}

void RunMachine::take(Rank rank, const CannotKeepFeatures& cannot) {
  if (state_ == State::working) {
    actions_->emplace_back(TellProblem{rank, cannot.why});
    stop_work();
    say_goodbye(OutputLost{cannot.why});
  }
}

void RunMachine::take(Rank rank, const CannotShareFeatures& cannot) {
  if (features_ && features_->separate(rank, cannot.keeper)) {
    send_to_all(features_->keepers());
  }
}

bool RunMachine::names_no_rank(const OrderResult& result) const {
  const auto* const described = std::get_if<DescribeAnswer>(&result.answer);
  return described != nullptr && described->home && !ranks_.contains(described->home->keeper);
}

void RunMachine::note_features(TaskId task, const OrderResult& result) {
  const auto* const described = std::get_if<DescribeAnswer>(&result.answer);
  if (features_ && task >= first_describing_ && described != nullptr && described->home) {
    features_->set(described_by(task), *described->home);
  }
}

// A rank that has started gets work at once, or first what its work needs.
void RunMachine::give_work(Rank rank) {
  if (!is_live(rank) || !ranks_.at(rank).started) {
    return;
  }
  if (!work_needs_references_ || ranks_.at(rank).has_references) {
    hand_out(scheduler_.rank_ready(rank));
  }
  give_references(rank);
}

void RunMachine::give_references(Rank rank) {
  if (sharing_ && is_live(rank) && ranks_.at(rank).started && !ranks_.at(rank).has_references) {
    send_references(sharing_->rank_ready(rank));
  }
}

void RunMachine::hand_out(const std::vector<Assignment>& assignments) {
  for (const Assignment& it : assignments) {
    actions_->emplace_back(HandOut{it.rank, it.order, it.task});
    note_activity(it.rank);
  }
}

void RunMachine::send_references(const std::vector<ReferenceSharing::Message>& messages) {
  for (const ReferenceSharing::Message& message : messages) {
    if (const auto* const piece = std::get_if<ReferenceSharing::Piece>(&message)) {
      actions_->emplace_back(
          SendReferences{piece->rank, piece->offset, piece->size_bytes, sharing_->size_bytes()});
    } else if (const auto* const elsewhere = std::get_if<ReferenceSharing::Elsewhere>(&message)) {
      actions_->emplace_back(Send{elsewhere->rank, ReferencesElsewhere{elsewhere->file}});
    }
  }
}

void RunMachine::keep(Rank rank, TaskId task, OrderResult result, bool rank_0_sees_file) {
  backlog_.add(size_bytes(result));
  if (backlog_.full()) {
    backlog_was_full_ = true;
    scheduler_.pause();
  }
  actions_->emplace_back(Keep{rank, task, std::move(result), rank_0_sees_file, now_});
}

}  // namespace bundle_match::machine

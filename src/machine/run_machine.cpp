// The run's way from stage to stage, and to its end.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/run_machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bundle_match::machine {
namespace {

// Tasks that a rank holds at most: until it is known how long they take; and of those that can only
// be begun, as the references are being made.
constexpr std::size_t kFirstCredit = 2;
constexpr std::size_t kCreditAhead = 16;

}  // namespace

RunMachine::RunMachine(RunSettings settings, Time now)
    : settings_(std::move(settings)),
      hosts_(settings_.hosts),
      now_(now),
      ranks_(hosts_.ranks()),
      scheduler_(hosts_),
      silence_(hosts_.ranks(), settings_.rank_timeout, now),
      backlog_(settings_.backlog),
      lending_(hosts_, settings_.threads),
      next_alive_(now) {}

void RunMachine::handle(Time now, RunEvent event, std::vector<RunAction>& actions) {
  now_ = now;
  actions_ = &actions;
  if (!begun_) {
    begun_ = true;
    actions.emplace_back(OpenStage{});
  }
  if (state_ != State::over) {
    std::visit([this](auto& it) { on(it); }, event);
    lend_cores();
    go_on();
  }
  actions_ = nullptr;
}

void RunMachine::on(const RankDied& event) {
  if (state_ == State::leaving) {
    ranks_.at(event.rank).said_goodbye = true;  // it has left, as it was told to
  }
  lose(event.rank, "died");
}

void RunMachine::on(const RankTalksNonsense& event) {
  lose_and_kill(event.rank, "sent what no rank sends: " + event.why);
}

void RunMachine::on(const Stored& event) {
  backlog_.remove(event.items, event.bytes);
  resume_if_possible();
}

void RunMachine::resume_if_possible() {
  backlog_was_full_ = backlog_was_full_ && !backlog_.has_room();
  if (scheduler_.paused() && !backlog_was_full_ && questions_ == 0) {
    hand_out(scheduler_.resume());
  }
}

void RunMachine::on(StageOpened& event) {
  if (state_ != State::opening) {
    return;  // the sink has failed since
  }
  if (end_asked()) {
    state_ = State::abandoning;
    actions_->emplace_back(AbandonStage{});
    return;
  }
  state_ = State::working;
  rank_0_helps_from_ =
      event.rank_0_helps ? std::optional(event.needs_references_below) : std::nullopt;
  credit_ = {};
  if (event.references) {
    share_references(*event.references);
  }
  work_needs_references_ = sharing_.has_value();
  // What needs features that are lost cannot even be begun before they are there again.
  const std::size_t most_ahead = event.kept_images       ? 0
                                 : settings_.sends_files ? kFirstCredit
                                                         : kCreditAhead;
  scheduler_.begin(
      std::move(event.tasks), kFirstCredit,
      {event.needs_references_below, most_ahead, event.rank_0_alone, std::move(event.lane_starts)});
  if (event.kept_images) {
    keep_features(*event.kept_images);
  }
  for (const Rank rank : ranks_.ids()) {
    give_work(rank);
  }
}

void RunMachine::keep_features(const KeptImages& images) {
  first_describing_ = images.first;
  if (!features_) {
    features_.emplace(hosts_, images.count);
    for (const Rank rank : ranks_.ids()) {
      if (!is_live(rank)) {
        features_->rank_lost(rank);
      }
    }
    send_to_all(features_->keepers());
  }
  if (features_->any_lost()) {
    find_lost();
  }
}

// Nothing that may need them is handed out meanwhile.
void RunMachine::find_lost() {
  scheduler_.pause();
  ++questions_;
  actions_->emplace_back(FindLost{features_->lost()});
}

void RunMachine::on(const LostFound& event) {
  --questions_;
  std::vector<TaskId> tasks;
  for (const TaskId task : event.tasks) {
    if (features_->redo(described_by(task))) {
      tasks.push_back(task);
    }
  }
  hand_out(scheduler_.redo(tasks));
  resume_if_possible();
}

void RunMachine::on(const ReferencesMade& event) {
  share_references(event.file);
  for (const Rank rank : ranks_.ids()) {
    give_references(rank);
  }
}

void RunMachine::share_references(const SharedFile& file) {
  if (sharing_) {
    // What ranks answer does not say of which set.
    throw std::logic_error("a run has one set of references");
  }
  sharing_.emplace(file, hosts_);
  note_all_activities();
}

void RunMachine::on(const WorkOver& event) {
  if (state_ == State::working) {
    stop_work();  // what waits for references will get none
  }
  if (state_ == State::opening || state_ == State::working || state_ == State::abandoning) {
    say_goodbye(event.outcome);
  }
}

void RunMachine::on(const SinkFailed& event) {
  stop_work();
  if (state_ == State::opening || state_ == State::working || state_ == State::abandoning) {
    say_goodbye(event.outcome);
  } else if (state_ == State::goodbyes) {
    outcome_ = event.outcome;
  }
}

void RunMachine::on(const EndingWritten& event) {
  if (state_ != State::ending) {
    return;
  }
  if (!scheduler_.any_lost()) {
    send_to_all(Finalize{});
    state_ = State::over;
    actions_->emplace_back(Finish{event.outcome, true});
    return;
  }
  outcome_ = event.outcome;
  for (RankState& rank : ranks_) {
    rank.said_goodbye = false;
  }
  send_to_all(Leave{});
  state_ = State::leaving;
  leave_at_ = now_ + kFarewell;
}

void RunMachine::on(const EndAsked& /*event*/) {
  const bool may_end = state_ == State::opening || state_ == State::working;
  if (end_asked() || !may_end) {
    return;
  }
  give_up_at_ = now_ + kGrace;
  scheduler_.stop_handing_out();
  scheduler_.forget_waiting();
  note_all_activities();
  // Now: a launcher that ends the job may leave no time to do so later.
  actions_->emplace_back(TellEndAsked{});
  actions_->emplace_back(NoteEndAsked{});
}

void RunMachine::on(const Tick& /*event*/) {
  silence_.heard(kRank0, now_);
  for (const Rank rank : silence_.silent(now_)) {
    lose_and_kill(rank, "is silent (--rank-timeout)");
  }
  if (now_ >= next_alive_) {
    next_alive_ = now_ + alive_every(settings_.rank_timeout);
    send_to_all(StillAlive{});
  }
}

// What follows from the state that an event has left.
void RunMachine::go_on() {
  if (state_ == State::working) {
    const bool done = scheduler_.finished() && missing_.empty() && questions_ == 0;
    if (end_asked() && (done || now_ >= *give_up_at_)) {
      stop_work();
      state_ = State::abandoning;
      actions_->emplace_back(AbandonStage{});
    } else if (done) {
      state_ = State::opening;
      actions_->emplace_back(OpenStage{});
    }
  }
  if (state_ == State::goodbyes && all_said_goodbye()) {
    state_ = State::ending;
    actions_->emplace_back(WriteEnding{outcome_});
  }
  if (state_ == State::leaving && (all_said_goodbye() || now_ >= leave_at_)) {
    state_ = State::over;
    kill_who_is_stuck();
    actions_->emplace_back(Finish{outcome_, false});
  }
}

// Results that come now come too late.
void RunMachine::stop_work() {
  scheduler_.stop_handing_out();
  scheduler_.forget_held();
  missing_.clear();
  note_all_activities();
}

void RunMachine::note_activity(Rank rank) {
  using Activity = CoreLending::Activity;
  const bool is_there = is_live(rank) && ranks_.at(rank).started;
  const std::size_t waiting = sharing_ ? 0 : ranks_.at(rank).waiting;  // or they are on their way
  const bool computes = scheduler_.held_by(rank).size() > waiting;
  lending_.set_activity(rank, !is_there  ? Activity::away
                              : computes ? Activity::computing
                                         : Activity::idle);
}

void RunMachine::note_all_activities() {
  for (const Rank rank : ranks_.ids()) {
    note_activity(rank);
  }
}

// After each event, so that a rank that gets its next task at once has not been idle. Only while
// the stage is open does any rank compute, and is told.
void RunMachine::lend_cores() {
  CoreLending::Changes changes = lending_.take_changes();
  for (CoreLending::Loan& loan : changes.loans) {
    actions_->emplace_back(Send{loan.rank, std::move(loan.lent)});
  }
  for (const CoreLending::Lender& lender : changes.lenders) {
    actions_->emplace_back(NoteLending{lender.rank, lender.lends, now_});
  }
}

void RunMachine::say_goodbye(Outcome outcome) {
  outcome_ = std::move(outcome);
  state_ = State::goodbyes;
  send_to_all(Stop{});
}

void RunMachine::send_to_all(const CoordinatorMessage& message) {
  for (const Rank rank : ranks_.ids()) {
    if (is_live(rank)) {
      send(rank, message);
    }
  }
}

void RunMachine::send(Rank rank, const CoordinatorMessage& message) {
  actions_->emplace_back(Send{rank, message});
}

bool RunMachine::all_said_goodbye() const {
  for (const Rank rank : ranks_.ids()) {
    if (is_live(rank) && !ranks_[rank].said_goodbye) {
      return false;
    }
  }
  return true;
}

// The launcher would wait for those that have not left.
void RunMachine::kill_who_is_stuck() {
  for (const Rank rank : worker_ranks(ranks_.size())) {
    if (is_live(rank) && !ranks_.at(rank).said_goodbye) {
      actions_->emplace_back(Kill{rank});
    }
  }
}

void RunMachine::lose(Rank rank, const std::string& how) {
  // Who was told to leave is not lost, whatever its last word was.
  if (rank == kRank0 || !is_live(rank) || state_ == State::leaving) {
    return;
  }
  actions_->emplace_back(DropRank{rank, how, scheduler_.held_by(rank).size()});
  const bool kept_features = features_ && features_->rank_lost(rank);
  if (kept_features && features_->any_lost() && state_ == State::working) {
    find_lost();
  }
  const std::vector<Assignment> assignments = scheduler_.rank_lost(rank);
  note_activity(rank);
  if (kept_features) {
    send_to_all(features_->keepers());
  }
  if (sharing_) {
    send_references(sharing_->rank_lost(rank));
  }
  hand_out(assignments);
}

void RunMachine::lose_and_kill(Rank rank, const std::string& how) {
  const bool was_live = is_live(rank);
  lose(rank, how);
  if (was_live && !is_live(rank)) {
    actions_->emplace_back(Kill{rank});
  }
}

}  // namespace bundle_match::machine

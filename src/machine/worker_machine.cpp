// The worker's transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/worker_machine.hpp"

#include <utility>

namespace bundle_match::machine {

WorkerMachine::WorkerMachine(Duration rank_0_timeout, Time now)
    : now_(now),
      alive_every_(alive_every(rank_0_timeout)),
      rank_0_(1, rank_0_timeout, now),
      next_alive_(now + alive_every_) {}

void WorkerMachine::handle(Time now, WorkerEvent event, std::vector<WorkerAction>& actions) {
  if (state_ == State::over) {
    return;
  }
  now_ = now;
  actions_ = &actions;
  std::visit([this](auto& it) { on(it); }, event);
  actions_ = nullptr;
}

void WorkerMachine::on(CoordinatorMessage& message) {
  rank_0_.heard(kRank0, now_);
  std::visit([this](auto& it) { take(it); }, message);
}

void WorkerMachine::on(ProcessorReady& event) { say(std::move(event.hello)); }

void WorkerMachine::on(ProcessorSaid& event) {
  std::visit([this](auto& it) { say(std::move(it)); }, event.message);
}

void WorkerMachine::on(const ReferencesTaken& event) {
  if (event.complete) {
    say(HasReferences{*event.complete});
  } else {
    say(WantsReferences{event.received_bytes});
  }
}

void WorkerMachine::on(const WorkerTick& event) {
  if (!rank_0_.silent(now_).empty()) {
    state_ = State::over;
    actions_->emplace_back(GiveUp{});
    return;
  }
  if (std::exchange(waiting_, event.waiting) != event.waiting && event.waiting > 0) {
    say(WaitsForReferences{event.waiting});
  }
  if (state_ == State::stopping && !event.busy_behind) {
    state_ = State::stopped;
    actions_->emplace_back(SayGoodbye{});
  }
  if (now_ >= next_alive_) {
    say(StillAlive{});
  }
}

void WorkerMachine::take(Order& order) {
  if (state_ == State::working) {
    actions_->emplace_back(Submit{std::move(order)});
  }
}

void WorkerMachine::take(FilePiece& piece) {
  if (state_ == State::working) {
    actions_->emplace_back(TakeFilePiece{std::move(piece)});
  }
}

// Once told to stop it needs them no more: the others were faster.
void WorkerMachine::take(ReferencesPiece& piece) {
  if (state_ == State::working) {
    actions_->emplace_back(TakePiece{std::move(piece)});
  }
}

void WorkerMachine::take(const ReferencesElsewhere& elsewhere) {
  if (state_ == State::working) {
    actions_->emplace_back(OpenElsewhere{elsewhere.file});
  }
}

void WorkerMachine::take(LentCores& lent) {
  if (state_ == State::working) {
    actions_->emplace_back(UseCores{std::move(lent)});
  }
}

void WorkerMachine::take(const StillAlive& /*alive*/) {}

// The goodbye comes with the next tick, when the processor is known to rest.
void WorkerMachine::take(const Stop& /*stop*/) {
  if (state_ == State::working) {
    state_ = State::stopping;
  }
}

void WorkerMachine::take(const Finalize& /*finalize*/) {
  state_ = State::over;
  actions_->emplace_back(EndLoop{});
}

void WorkerMachine::take(const Leave& /*leave*/) {
  state_ = State::over;
  actions_->emplace_back(SayGoodbye{});
  actions_->emplace_back(LeaveNow{});
}

// After its goodbye nothing but that it is alive: rank 0 may end at any moment, and what is on its
// way then cannot be sent any more.
void WorkerMachine::say(WorkerMessage message) {
  if (state_ == State::stopped && !std::holds_alternative<StillAlive>(message)) {
    return;
  }
  next_alive_ = now_ + alive_every_;
  actions_->emplace_back(Say{std::move(message)});
}

}  // namespace bundle_match::machine

// The worker's transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/worker_machine.hpp"

#include <utility>

namespace bundle_match::machine {

WorkerMachine::WorkerMachine(WorkerSettings settings, Time now)
    : rank_0_takes_features_(settings.rank_0_takes_features),
      now_(now),
      alive_every_(alive_every(settings.rank_0_timeout)),
      rank_0_(1, settings.rank_0_timeout, now),
      next_alive_(now + alive_every_),
      exchange_(settings.self, std::move(settings.store)) {}

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
  auto* const result = std::get_if<OrderResult>(&event.message);
  if (result != nullptr && hosts_keep_features_ &&
      std::holds_alternative<DescribeAnswer>(result->answer)) {
    keep_features(std::move(*result));
  } else {
    std::visit([this](auto& it) { say(std::move(it)); }, event.message);
  }
}

// Rank 0 is told once they are kept.
void WorkerMachine::keep_features(OrderResult result) {
  const OrderId order = result.order;
  std::string& features = std::get<DescribeAnswer>(result.answer).features;
  std::string kept = rank_0_takes_features_ ? features : std::move(features);
  if (!rank_0_takes_features_) {
    features.clear();
  }
  results_.insert_or_assign(order, std::move(result));
  FeatureExchange::Actions actions;
  exchange_.keep(order, std::move(kept), actions);
  follow(actions);
}

void WorkerMachine::on(PeerSaid& event) {
  FeatureExchange::Actions actions;
  exchange_.handle(event.from, std::move(event.message), actions);
  follow(actions);
}

void WorkerMachine::on(const FeaturesAppended& event) {
  FeatureExchange::Actions actions;
  exchange_.appended(event.number, event.stored, actions);
  follow(actions);
}

// Rank 0 ends the run: nobody could go on from there.
void WorkerMachine::on(FeaturesNotAppended& event) {
  say(CannotKeepFeatures{std::move(event.why)});
}

void WorkerMachine::on(const FeaturesUnreadable& event) {
  FeatureExchange::Actions actions;
  exchange_.unreadable(event.to, event.home, actions);
  follow(actions);
}

void WorkerMachine::on(const StoreOpened& event) {
  FeatureExchange::Actions actions;
  exchange_.opened(event.keeper, event.is_open, actions);
  follow(actions);
}

void WorkerMachine::follow(FeatureExchange::Actions& actions) {
  for (ExchangeAction& action : actions) {
    std::visit([this](auto& it) { follow(it); }, action);
  }
}

void WorkerMachine::follow(AskForGreeting& action) { say(WantsGreeting{action.of}); }
void WorkerMachine::follow(TellNotShared& action) { say(CannotShareFeatures{action.keeper}); }

void WorkerMachine::follow(ResultKept& action) {
  if (auto node = results_.extract(action.order); !node.empty()) {
    std::get<DescribeAnswer>(node.mapped().answer).home = action.home;
    say(std::move(node.mapped()));
  }
}

void WorkerMachine::follow(FeaturesReady& action) {
  if (auto node = orders_.extract(action.order); !node.empty() && state_ == State::working) {
    actions_->emplace_back(Submit{std::move(node.mapped()), std::move(action.stored)});
  }
}

void WorkerMachine::follow(FeaturesLost& action) {
  orders_.erase(action.order);
  say(LacksFeatures{action.order, std::move(action.homes)});
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
  if (state_ != State::working) {
    return;
  }
  if (order.homes.empty()) {
    actions_->emplace_back(Submit{std::move(order), {}});
    return;
  }
  const OrderId id = order.id;
  FeatureHomes homes = order.homes;
  orders_.insert_or_assign(id, std::move(order));
  FeatureExchange::Actions actions;
  exchange_.need(id, std::move(homes), actions);
  follow(actions);
}

void WorkerMachine::take(const FeatureKeepers& keepers) {
  hosts_keep_features_ = true;
  FeatureExchange::Actions actions;
  exchange_.handle(keepers, actions);
  follow(actions);
}

void WorkerMachine::take(const Greet& greet) {
  FeatureExchange::Actions actions;
  exchange_.handle(greet, actions);
  follow(actions);
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

// What a rank does with the actions of its supervisor.
// SPDX-License-Identifier: Apache-2.0
#include "processor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace bundle_match::simulation {
namespace {

MatchOptions options_of(const RunPlan& run) {
  MatchOptions options;
  options.timeout_s = std::chrono::duration<double>(run.task_limit).count();
  return options;
}

}  // namespace

Processor::Processor(WorldBase& base, Judge& judge, Rank rank)
    : base_(base),
      judge_(judge),
      rank_(rank),
      processor_judge_(base),
      process_(base, processor_judge_, rank),
      supervisor_(options_of(base.run)) {}

void Processor::start() {
  std::vector<machine::ProcessAction> actions;
  supervisor_.start(actions);
  carry_out(actions);
}

void Processor::submit(Order order) {
  processor_judge_.given(order);
  machine::OrderGiven given{order.id, order.work, order.deaths, base_.run.sends_files,
                            !order.homes.empty()};
  orders_.push_back(std::move(order));
  tell(std::move(given));
}

void Processor::use_references() {
  processor_judge_.references_given();
  tell(machine::ReferencesGiven{});
}

void Processor::step(const Event& event) {
  if (auto word = process_.step(event)) {
    Time arrival = base_.now + Duration(1);
    const std::uint64_t number = words_.push(arrival, std::move(*word));
    base_.events.add(arrival, Event::Kind::process_word, rank_, number);
  }
}

void Processor::hear(const Event& event) {
  auto word = words_.take(event.number);
  if (word && process_.is_heard(*word)) {
    processor_judge_.hears(*word);
    tell(std::move(word->event));
  }
}

void Processor::tell(machine::ProcessEvent event) {
  if (failed_) {
    return;
  }
  std::vector<machine::ProcessAction> actions;
  processor_judge_.told();
  supervisor_.handle(base_.now, std::move(event), actions);
  carry_out(actions);
}

void Processor::carry_out(const std::vector<machine::ProcessAction>& actions) {
  for (const machine::ProcessAction& action : actions) {
    std::visit(
        [this](const auto& it) {
          processor_judge_.wanted(it);
          carry_out(it);
        },
        action);
  }
}

void Processor::carry_out(const machine::StartProcess& start) {
  process_.start(start.with_decoders);
}
void Processor::carry_out(const machine::EndProcess& /*end*/) { process_.end(); }

void Processor::carry_out(const machine::SendOrder& send) {
  const auto it = std::find_if(orders_.begin(), orders_.end(),
                               [&](const Order& order) { return order.id == send.order; });
  process_.send(*it, send.ahead);
}

void Processor::carry_out(const machine::DeliverReady& /*ready*/) {
  Hello hello;
  hello.cores = base_.run.of(rank_).cores;
  events_.emplace_back(machine::ProcessorReady{std::move(hello)});
}

void Processor::carry_out(const machine::DeliverResult& deliver) {
  base_.trace.note(base_.now, "computed", rank_, deliver.result.result.order.value(),
                   static_cast<std::uint64_t>(deliver.result.result.status));
  judge_.computed(rank_, deliver.result.result.order);
  std::erase_if(orders_,
                [&](const Order& order) { return order.id == deliver.result.result.order; });
  events_.emplace_back(machine::ProcessorSaid{deliver.result.result});
}

void Processor::carry_out(const machine::DeliverDeath& deliver) {
  events_.emplace_back(machine::ProcessorSaid{deliver.death});
}

void Processor::carry_out(const machine::FailForGood& /*fail*/) {
  base_.trace.note(base_.now, "cannot compute", rank_);
  failed_ = true;
}

}  // namespace bundle_match::simulation

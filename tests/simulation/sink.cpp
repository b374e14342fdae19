// What the simulated sink does with each item.
// SPDX-License-Identifier: Apache-2.0
#include "sink.hpp"

#include "worker.hpp"

#include <string>
#include <utility>

namespace bundle_match::simulation {
namespace {

const Outcome& failure() {
  static const Outcome kFailure = OutputLost{"the disk is full"};
  return kFailure;
}

}  // namespace

void Sink::put(Item item) {
  items_.push_back(std::move(item));
  if (items_.size() == 1) {
    begin();
  }
}

void Sink::begin() {
  Random& random = base_.random;
  Duration takes = random.duration(Duration(1), base_.run.item_takes);
  if (random.chance(base_.run.item_stalls)) {
    takes += random.duration(Duration(1), base_.run.stall);
  }
  base_.after(takes, Event::Kind::sink_step);
}

void Sink::step() {
  constexpr unsigned kTellsLater = 500;
  const Item item = std::move(items_.front());
  items_.pop_front();
  if (taken_++ == base_.run.sink_fails_at) {
    failed_ = true;
    base_.trace.note(base_.now, "the sink fails");
    answer(machine::SinkFailed{failure()});
  }
  std::visit([this](const auto& it) { take(it); }, item);
  if (items_.empty() || !base_.random.chance(kTellsLater)) {
    tell_stored();
  }
  if (!items_.empty()) {
    begin();
  }
}

void Sink::answer(machine::RunEvent event) {
  Time arrival = base_.now + base_.random.duration(Duration(1), base_.run.scale / 1000);
  const std::uint64_t number = answers_.push(arrival, std::move(event));
  base_.events.add(arrival, Event::Kind::sink_answer, kRank0, number);
}

void Sink::tell_stored() {
  if (stored_.items > 0) {
    answer(std::exchange(stored_, {}));
  }
}

void Sink::take(const machine::Keep& keep) {
  ++stored_.items;
  stored_.bytes += size_bytes(keep.result);
  if (!failed_) {
    store_.keep({next_stage_ - 1, keep.task.value()});
    if (!made_set_ && store_.can_make_set(next_stage_ - 1)) {
      make_set();
    }
  }
}

void Sink::make_set() {
  made_set_ = true;
  if (base_.run.references_are_bad) {
    answer(machine::WorkOver{ReferenceUnusable{}});
    return;
  }
  answer(machine::ReferencesMade{file_of(kRank0, *base_.work.stages[next_stage_ - 1].set_bytes)});
}

void Sink::take(const machine::KeepDeath& death) {
  if (!failed_) {
    store_.note_death({next_stage_ - 1, death.task.value()});
  }
}

void Sink::take(const machine::OpenStage& /*open*/) {
  if (failed_) {
    return;
  }
  if (next_stage_ == base_.work.stages.size() || (made_set_ && base_.run.references_are_bad)) {
    answer(machine::WorkOver{Finished{}});
    return;
  }
  answer(open(next_stage_));
  ++next_stage_;
}

machine::StageOpened Sink::open(std::size_t stage) const {
  const StagePlan& plan = base_.work.stages[stage];
  machine::StageOpened opened;
  opened.rank_0_alone = plan.rank_0_alone;
  opened.rank_0_helps = plan.rank_0_helps;
  if (plan.set_bytes && !plan.makes_set) {
    opened.references = file_of(kRank0, *plan.set_bytes);
  }
  opened.needs_references_below = TaskId(plan.dependents);
  const auto add = [&](std::uint64_t task) {
    if (!store_.has({stage, task})) {
      opened.tasks.emplace_back(task);
    }
  };
  for (std::uint64_t task = plan.dependents; task < plan.tasks.size(); ++task) {
    add(task);
  }
  for (std::uint64_t task = 0; task < plan.dependents; ++task) {
    add(task);
  }
  return opened;
}

void Sink::take(const machine::AbandonStage& /*abandon*/) {
  if (!failed_) {
    answer(machine::WorkOver{store_.has_all() ? Outcome(Finished{}) : Outcome(Interrupted{})});
  }
}

void Sink::take(const machine::WriteEnding& write) {
  answer(machine::EndingWritten{failed_ ? failure() : write.outcome});
}

}  // namespace bundle_match::simulation

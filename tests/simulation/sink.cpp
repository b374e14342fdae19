// What the simulated sink does with each item.
// SPDX-License-Identifier: Apache-2.0
#include "sink.hpp"

#include "worker.hpp"

#include <algorithm>
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
  const StagePlan& plan = base_.work.stages[next_stage_ - 1];
  const TaskKey key{next_stage_ - 1, keep.task.value()};
  const bool is_redone =
      !plan.is_kept_once(key.task) && (plan.kept == Kept::matches || store_.has(key));
  if (!failed_ && !is_redone) {
    store_.keep(key);
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

// Those that a task needs which is not kept.
void Sink::take(const machine::FindLost& find) {
  if (failed_) {
    return;
  }
  std::size_t matches = base_.work.stages.size() - 1;
  const StagePlan& plan = base_.work.stages[matches];
  machine::LostFound found;
  for (const ReferenceIndex image : find.images) {
    for (std::uint64_t task = 0; task < plan.dependents; ++task) {
      const std::vector<std::uint32_t>& needs = plan.needs[task];
      if (!store_.has({matches, task}) &&
          std::find(needs.begin(), needs.end(), image.value()) != needs.end()) {
        found.tasks.emplace_back(plan.dependents + image.value());
        break;
      }
    }
  }
  answer(std::move(found));
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
  if (plan.kept != Kept::no) {
    opened.kept_images = machine::KeptImages{plan.images(), TaskId(plan.dependents)};
  }
  for (std::uint64_t task = plan.dependents; plan.kept != Kept::matches && task < plan.tasks.size();
       ++task) {
    add(task);
  }
  for (std::uint64_t task = 0; plan.kept != Kept::describes && task < plan.dependents; ++task) {
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

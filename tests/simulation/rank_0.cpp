// What rank 0 does in a simulated world.
// SPDX-License-Identifier: Apache-2.0
#include "rank_0.hpp"

#include "task_key.hpp"
#include "worker.hpp"

#include <string>
#include <utility>
#include <variant>

namespace bundle_match::simulation {
namespace {

machine::RunSettings settings_of(const RunPlan& run) {
  machine::RunSettings settings;
  for (const RankPlan& rank : run.ranks) {
    settings.hosts.push_back(std::string(1, static_cast<char>('A' + rank.host)));
  }
  settings.rank_timeout = run.timeout;
  settings.sends_files = run.sends_files;
  settings.threads = run.threads;
  settings.backlog = run.backlog;
  return settings;
}

const char* name_of(const machine::RunEvent& event) {
  constexpr const char* kNames[] = {
      "from rank",    "rank died",       "nonsense",   "file looked for", "stored",
      "stage opened", "references made", "lost found", "work over",       "ending written",
      "sink failed",  "end asked",       "tick"};
  return kNames[event.index()];
}

const char* name_of(const WorkerMessage& message) {
  constexpr const char* kNames[] = {"<- hello",
                                    "<- result",
                                    "<- process died",
                                    "<- alive",
                                    "<- wants references",
                                    "<- has references",
                                    "<- goodbye",
                                    "<- waits for references",
                                    "<- wants greeting",
                                    "<- lacks features",
                                    "<- cannot keep features",
                                    "<- cannot share features"};
  return kNames[message.index()];
}

const char* name_of(const CoordinatorMessage& message) {
  constexpr const char* kNames[] = {"-> order",   "-> piece",      "-> references elsewhere",
                                    "-> alive",   "-> stop",       "-> finalize",
                                    "-> leave",   "-> file piece", "-> cores",
                                    "-> keepers", "-> greet"};
  return kNames[message.index()];
}

}  // namespace

Rank0::Rank0(WorldBase& base, Network& network, Judge& judge, Store& store,
             std::function<void(Rank)> kill)
    : base_(base),
      network_(network),
      judge_(judge),
      store_(store),
      sink_(base, store),
      kill_(std::move(kill)),
      machine_(settings_of(base.run), base.now) {}

void Rank0::handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::message_to_rank_0:
    case Event::Kind::repeated_to_rank_0:
      if (auto message = network_.arrived_at_rank_0(event)) {
        base_.trace.note(base_.now, name_of(*message), event.rank);
        tell(machine::FromRank{event.rank, std::move(*message)});
      }
      break;
    case Event::Kind::rank_0_tick:
      tell(machine::Tick{});
      break;
    case Event::Kind::sink_step:
      sink_.step();
      break;
    case Event::Kind::sink_answer:
      if (auto answer = sink_.take_answer(event.number)) {
        tell(std::move(*answer));
      }
      break;
    case Event::Kind::file_looked_for:
      tell(machine::FileLookedFor{OrderId(event.number >> 1U), (event.number & 1U) != 0});
      break;
    case Event::Kind::order_is_refused: {
      OrderResult result;
      result.order = OrderId(event.number);
      result.status = ImageStatus::crashed;  // as no process has signed it
      judge_.computed(event.rank, result.order);
      tell(machine::FromRank{event.rank, std::move(result)});
      break;
    }
    case Event::Kind::order_is_sent:
      send_waiting_order(event.number);
      break;
    case Event::Kind::death_told:
      tell(machine::RankDied{event.rank});
      break;
    case Event::Kind::nonsense:
      judge_.excuse(event.rank);
      tell(machine::RankTalksNonsense{event.rank, "?"});
      break;
    default:
      break;
  }
}

void Rank0::tell(machine::RunEvent event) {
  if (gone()) {
    return;
  }
  if (!std::holds_alternative<machine::FromRank>(event)) {
    base_.trace.note(base_.now, name_of(event));
  }
  std::vector<machine::RunAction> actions;
  judge_.told(event);
  machine_.handle(base_.now, std::move(event), actions);
  for (machine::RunAction& action : actions) {
    judge_.wanted(action);
    std::visit([this](auto& it) { carry_out(it); }, action);
  }
  judge_.settled();
  if (judge_.facts().finished) {
    check_it_is_over();
  } else {
    tell_what_is_planned();
  }
}

// Its loop ends with the event; others may be waiting.
void Rank0::check_it_is_over() {
  std::vector<machine::RunAction> actions;
  machine_.handle(base_.now, machine::EndAsked{}, actions);
  machine_.handle(base_.now, machine::EndingWritten{}, actions);
  machine_.handle(base_.now, machine::Tick{}, actions);
  require(actions.empty() && machine_.over(), "nothing follows the end", "an action does");
}

// A signal, or a kill, at every event of some run.
void Rank0::tell_what_is_planned() {
  constexpr std::uint64_t kAgainWithin = 20;
  ++told_;
  if (told_ == base_.run.killed_at) {
    base_.trace.note(base_.now, "rank 0 is killed");
    killed_ = true;
    return;
  }
  if (told_ == base_.run.end_asked_at) {
    if (base_.run.end_asked_twice) {
      end_asked_again_at_ = told_ + base_.random.from_to(1, kAgainWithin);
    }
    tell(machine::EndAsked{});
  } else if (told_ == end_asked_again_at_) {
    tell(machine::EndAsked{});
  }
}

void Rank0::carry_out(machine::Send& send) {
  base_.trace.note(base_.now, name_of(send.message), send.rank);
  network_.send(send.rank, std::move(send.message));
}

void Rank0::carry_out(const machine::SendReferences& send) {
  base_.trace.note(base_.now, "-> piece", send.rank, send.offset, send.size_bytes);
  network_.send(send.rank, piece_of(send.offset, send.size_bytes, send.set_bytes));
}

void Rank0::carry_out(const machine::HandOut& it) {
  base_.trace.note(base_.now, "-> order", it.rank, it.order.value(), it.task.value());
  Order order;
  order.id = it.order;
  const TaskKey key{judge_.facts().stages_opened - 1, it.task.value()};
  order.path = path_of(key);
  order.deaths = store_.deaths_before(key);
  const StagePlan& stage = *judge_.facts().stage;
  if (stage.kept == Kept::matches && stage.is_dependent(key.task)) {
    if (!add_features(stage, key.task, order)) {
      base_.after(base_.random.any_scale(base_.run.scale / 50'000, base_.run.scale / 20),
                  Event::Kind::order_is_refused, it.rank, it.order.value());
      return;
    }
  } else if (const std::uint32_t pairs = stage.tasks.at(key.task).pairs; pairs > 0) {
    order.work = MatchWork{{ReferenceIndex(), pairs}};
  }
  if (order.deaths > 0 || (base_.run.sends_files && it.rank != kRank0)) {
    waiting_.push_back({it.rank, std::move(order)});
    base_.after(base_.random.any_scale(base_.run.scale / 50'000, base_.run.scale / 20),
                Event::Kind::order_is_sent, kRank0, waiting_.size() - 1);
    return;
  }
  network_.send(it.rank, std::move(order));
}

// False if some are lost for good.
bool Rank0::add_features(const StagePlan& stage, std::uint64_t task, Order& order) const {
  const std::vector<std::uint32_t>& needs = stage.needs.at(task);
  std::vector<ReferenceRange> references;
  for (std::size_t i = 0; i + 1 < needs.size(); ++i) {
    if (!references.empty() && references.back().past() == needs[i]) {
      ++references.back().count;
    } else {
      references.push_back({ReferenceIndex(needs[i]), 1});
    }
  }
  order.work =
      MatchDescribedWork{ReferenceIndex(needs.back()), ReferenceList(std::move(references))};
  for (const ReferenceIndex image : images_needed_by(order.work)) {
    if (machine_.features()->is_gone(image)) {
      return false;
    }
    order.homes.push_back(machine_.features()->find(image).value_or(FeatureHome()));
  }
  return true;
}

// The rank may be lost since, or the work given up.
void Rank0::send_waiting_order(std::uint64_t number) {
  Waiting& waiting = waiting_[number];
  if (machine_.scheduler().find(waiting.rank, waiting.order.id)) {
    network_.send(waiting.rank, std::move(waiting.order));
  }
}

void Rank0::carry_out(const machine::LookForFile& look) {
  const TaskPlan& task = judge_.facts().stage->tasks.at(look.task.value());
  const bool found = (task.missing_on & 1U) == 0;  // rank 0 is on host 0
  base_.trace.note(base_.now, "look for file", Trace::kNoRank, look.order.value(), found ? 1 : 0);
  base_.after(base_.random.any_scale(base_.run.scale / 10'000, base_.run.scale),
              Event::Kind::file_looked_for, kRank0, look.order.value() * 2 + (found ? 1 : 0));
}

void Rank0::carry_out(const machine::Kill& kill) {
  if (base_.run.of(kill.rank).host == base_.run.of(kRank0).host) {
    kill_(kill.rank);
  }
}

void Rank0::carry_out(const machine::DropRank& drop) {
  base_.trace.note(base_.now, "drop", drop.rank, drop.tasks);
  network_.drop_messages_to(drop.rank);
  if (base_.run.late_messages_are_dropped) {
    network_.drop_messages_from(drop.rank);
  }
}

void Rank0::carry_out(const machine::TellStarted& /*started*/) {}
void Rank0::carry_out(const machine::TellProblem& /*problem*/) {}
void Rank0::carry_out(const machine::TellEndAsked& /*asked*/) {}

void Rank0::carry_out(const machine::Finish& finish) {
  base_.trace.note(base_.now, "finish", Trace::kNoRank, finish.outcome.index(),
                   finish.finalize ? 1 : 0);
}

template <class SinkItem>
requires std::is_constructible_v<Sink::Item, std::in_place_type_t<SinkItem>>
void Rank0::carry_out(SinkItem& item) {
  base_.trace.note(base_.now, "to the sink", Trace::kNoRank,
                   Sink::Item(std::in_place_type<SinkItem>).index());
  sink_.put(std::move(item));
}

}  // namespace bundle_match::simulation

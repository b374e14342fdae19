// Who judges what, and what all judges know.
// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <variant>

namespace bundle_match::simulation {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

template <class SomeJudge, class Thing>
concept Judges = requires(SomeJudge& judge, const Thing& thing) {
  judge.wanted(thing);
};

template <class SomeJudge, class Thing>
concept Hears = requires(SomeJudge& judge, const Thing& thing) {
  judge.told(thing);
};

template <class Thing>
void tell(auto& judge, const Thing& thing) {
  if constexpr (Hears<decltype(judge), Thing>) {
    judge.told(thing);
  }
}

template <class Thing>
void show(auto& judge, const Thing& thing) {
  if constexpr (Judges<decltype(judge), Thing>) {
    judge.wanted(thing);
  }
}

}  // namespace

Judge::Judge(const WorldBase& base, const Store& store)
    : base_(base),
      work_(base, facts_),
      fleet_(base, facts_),
      end_(base, facts_, store),
      lending_(base, facts_, work_) {
  facts_.ranks.resize(base.run.ranks.size());
}

void Judge::told(const machine::RunEvent& event) {
  learn(event);
  std::visit(
      [this](const auto& it) {
        tell(work_, it);
        tell(fleet_, it);
        tell(end_, it);
      },
      event);
  if (const auto* const from = std::get_if<machine::FromRank>(&event)) {
    std::visit(Overloaded{[&](const OrderResult& it) { work_.told(from->rank, it); },
                          [&](const ProcessDied& it) { work_.told(from->rank, it); },
                          [&](const LacksFeatures& it) { work_.told(from->rank, it); },
                          [&](const CannotShareFeatures& it) { work_.told(from->rank, it); },
                          [](const auto& /*other*/) {}},
               from->message);
  }
}

void Judge::wanted(const machine::RunAction& action) {
  require(!facts_.finished, "nothing follows the end", "an action");
  std::visit(
      [this](const auto& it) {
        show(work_, it);
        show(fleet_, it);
        show(end_, it);
        show(lending_, it);
      },
      action);
  learn(action);
}

void Judge::settled() {
  work_.settled();
  fleet_.settled();
  end_.settled();
  lending_.settled();
}

void Judge::learn(const machine::FromRank& from) {
  RankFacts& rank = facts_.of(from.rank);
  if (rank.lost) {
    return;
  }
  rank.started |= std::holds_alternative<Hello>(from.message);
  rank.has_references |= std::holds_alternative<HasReferences>(from.message);
  const auto* const waits = std::get_if<WaitsForReferences>(&from.message);
  if (waits != nullptr && !facts_.references_made) {
    rank.waiting = waits->orders;
  }
}

void Judge::learn(const machine::RunEvent& event) {
  std::visit(Overloaded{[this](const machine::FromRank& it) { learn(it); },
                        [this](const machine::StageOpened& it) {
                          facts_.stage = &base_.work.stages.at(facts_.stages_opened++);
                          facts_.stage_is_open = !facts_.end_asked_at;
                          facts_.needs_references |=
                              it.references.has_value() || facts_.references_made;
                        },
                        [this](const machine::ReferencesMade& /*it*/) {
                          facts_.references_made = true;
                          for (RankFacts& rank : facts_.ranks) {
                            rank.waiting = 0;
                          }
                        },
                        [this](const machine::WorkOver& it) {
                          if (!facts_.work_over) {
                            facts_.work_over = it.outcome;
                          }
                          facts_.stage_is_open = false;
                        },
                        [this](const machine::SinkFailed& it) {
                          facts_.sink_failure = it.outcome;
                          facts_.stage_is_open = false;
                        },
                        [this](const machine::EndAsked& /*it*/) {
                          if (!facts_.end_asked_at && !facts_.work_over && !facts_.sink_failure) {
                            facts_.end_asked_at = base_.now;
                          }
                        },
                        [](const auto& /*other*/) {}},
             event);
}

void Judge::learn(const machine::RunAction& action) {
  if (const auto* const drop = std::get_if<machine::DropRank>(&action)) {
    facts_.of(drop->rank).lost = true;
  } else if (std::holds_alternative<machine::OpenStage>(action)) {
    facts_.stage_is_open = false;
  } else if (std::holds_alternative<machine::AbandonStage>(action)) {
    facts_.stage_is_open = false;
    facts_.abandoned = true;
  } else if (const auto* const finish = std::get_if<machine::Finish>(&action)) {
    facts_.finished = true;
    facts_.finalizes = finish->finalize;
  }
}

}  // namespace bundle_match::simulation

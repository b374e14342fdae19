// The rules for the way to the end.
// SPDX-License-Identifier: Apache-2.0
#include "end_judge.hpp"

#include "sink.hpp"

#include <utility>
#include <variant>

namespace bundle_match::simulation {
namespace {

constexpr const char* kOneQuestion = "the sink is asked one thing at a time";
constexpr const char* kAskedToEnd = "a run that is asked to end says so, and ends early";
constexpr const char* kEnding = "the ending is written once, after the work";
constexpr const char* kOutcome = "the outcome is right";

}  // namespace

void EndJudge::told(const machine::EndAsked& /*asked*/) {
  if (facts_.end_asked_at && !std::exchange(asked_to_end_, true)) {
    due_note_ = true;
    due_tell_ = true;
  }
}

void EndJudge::wanted(const machine::OpenStage& /*open*/) {
  require(!std::exchange(asked_sink_, true), kOneQuestion, "the next stage is asked for");
  require(!facts_.end_asked_at || facts_.stages_opened == 0, kAskedToEnd,
          "the next stage is asked for");
  require(!facts_.sink_failure && !facts_.work_over, kOneQuestion, "there is nothing to ask for");
}

void EndJudge::wanted(const machine::AbandonStage& /*abandon*/) {
  require(!std::exchange(asked_sink_, true), kOneQuestion, "the stage is given up");
  require(facts_.end_asked_at && !facts_.abandoned, kAskedToEnd, "the stage is given up");
}

void EndJudge::wanted(const machine::TellEndAsked& /*tell*/) {
  require(std::exchange(due_tell_, false), kAskedToEnd, "nobody has asked");
}

void EndJudge::wanted(const machine::NoteEndAsked& /*note*/) {
  require(std::exchange(due_note_, false), kAskedToEnd, "nobody has asked");
}

void EndJudge::wanted(const machine::WriteEnding& ending) {
  require(!ending_wanted_, kEnding, "a second time");
  require(facts_.work_over || facts_.sink_failure, kEnding, "work is left");
  const Outcome right = facts_.sink_failure ? *facts_.sink_failure : *facts_.work_over;
  require(ending.outcome == right, kOutcome, "the ending tells another one");
  ending_wanted_ = ending.outcome;
}

void EndJudge::wanted(const machine::Finish& finish) {
  require(!facts_.finished, kEnding, "the run finishes a second time");
  require(ending_written_.has_value(), kEnding, "it is not written yet");
  require(finish.outcome == *ending_written_, kOutcome, "the last word is another one");
  if (std::holds_alternative<Finished>(finish.outcome)) {
    require(store_.has_all(), kOutcome, "not all is kept");
  } else if (std::holds_alternative<Interrupted>(finish.outcome)) {
    require(facts_.end_asked_at && !store_.has_all(), kOutcome,
            "nobody has asked the run to end, or all was done");
  } else if (std::holds_alternative<ReferenceUnusable>(finish.outcome)) {
    require(base_.run.references_are_bad, kOutcome, "the references are good");
  } else {
    require(base_.run.sink_fails_at.has_value(), kOutcome, "the sink has not failed");
  }
}

void EndJudge::settled() {
  require(!due_note_ && !due_tell_, kAskedToEnd, "it is not said");
  if (std::exchange(ticked_, false) && facts_.stage_is_open && facts_.end_asked_at) {
    require(base_.now < *facts_.end_asked_at + machine::kGrace, kAskedToEnd,
            "the time for what is under way never ends");
  }
}

}  // namespace bundle_match::simulation

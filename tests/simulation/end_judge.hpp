// Judges how a run goes from stage to stage and ends: in which order the sink is asked for what,
// when it ends early, and what its outcome is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "facts.hpp"

#include <optional>

namespace bundle_match::simulation {

class Store;

class EndJudge {
 public:
  EndJudge(const WorldBase& base, const RunFacts& facts, const Store& store)
      : base_(base), facts_(facts), store_(store) {}

  void told(const machine::StageOpened& /*stage*/) { asked_sink_ = false; }
  void told(const machine::WorkOver& /*over*/) { asked_sink_ = false; }
  void told(const machine::EndingWritten& ending) { ending_written_ = ending.outcome; }
  void told(const machine::EndAsked& asked);
  void told(const machine::Tick& /*tick*/) { ticked_ = true; }

  void wanted(const machine::OpenStage& open);
  void wanted(const machine::AbandonStage& abandon);
  void wanted(const machine::TellEndAsked& tell);
  void wanted(const machine::NoteEndAsked& note);
  void wanted(const machine::WriteEnding& ending);
  void wanted(const machine::Finish& finish);

  void settled();

 private:
  const WorldBase& base_;
  const RunFacts& facts_;
  const Store& store_;
  bool asked_sink_ = false;  // and not answered yet
  bool asked_to_end_ = false;
  bool due_note_ = false;  // that the run was asked to end
  bool due_tell_ = false;
  bool ticked_ = false;
  std::optional<Outcome> ending_wanted_;
  std::optional<Outcome> ending_written_;
};

}  // namespace bundle_match::simulation

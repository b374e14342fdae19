// What judges know of a run, from the events that rank 0's machine was told and its actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/outcome.hpp"
#include "bundle_match/machine/run_actions.hpp"
#include "bundle_match/machine/run_events.hpp"
#include "world_base.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace bundle_match::simulation {

struct RankFacts {
  bool started = false;         ///< its Hello was told
  bool has_references = false;  ///< likewise
  bool lost = false;            ///< dropped
  std::size_t waiting = 0;      ///< orders, if all that it has wait for references; told
};

struct RunFacts {
  ById<Rank, RankFacts> ranks;
  bool needs_references = false;     ///< before work: a stage with a set was opened, or one after
  bool references_made = false;      ///< told
  const StagePlan* stage = nullptr;  ///< opened last
  std::size_t stages_opened = 0;
  bool stage_is_open = false;           ///< its tasks are handed out, or their results awaited
  std::optional<Time> end_asked_at;     ///< while that still had a meaning
  std::optional<Outcome> sink_failure;  ///< told
  std::optional<Outcome> work_over;     ///< told
  bool abandoned = false;               ///< wanted
  bool finished = false;                ///< wanted
  bool finalizes = false;               ///< likewise

  RankFacts& of(Rank rank) { return ranks.at(rank); }
  [[nodiscard]] const RankFacts& of(Rank rank) const { return ranks.at(rank); }
};

/// Throws a Violation of the invariant unless `holds`.
inline void require(bool holds, const char* invariant, const char* what) {
  if (!holds) {
    throw Violation{invariant, what};
  }
}

}  // namespace bundle_match::simulation

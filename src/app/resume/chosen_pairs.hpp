// The pairs of a run that depend on what images show: those of --similar and --within.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/work_plan.hpp"
#include "bundle_match/results/journal.hpp"
#include "command/run_input.hpp"
#include "resume/choices.hpp"
#include "resume/image_positions.hpp"

#include <cstdint>
#include <optional>

namespace bundle_match::app {

/// What is known about them, from journals and from images that were described.
struct ChosenPairs {
  explicit ChosenPairs(const RunInput& input);

  /// Takes in a record; most kinds say nothing about pairs.
  void take(const results::JournalRecord& record);
  [[nodiscard]] bool any() const { return similar || positions; }

  std::optional<Choices> similar;           ///< if there is --similar
  std::optional<ImagePositions> positions;  ///< if there is --within
};

/// The tasks of matching with the pairs that were chosen. Throws results::TableTooLarge if these
/// are more than `most_pairs`.
[[nodiscard]] WorkPlan work_plan(const RunInput& input, const ChosenPairs& chosen,
                                 std::uint64_t most_pairs);

}  // namespace bundle_match::app

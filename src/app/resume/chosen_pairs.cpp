// Unites what the options choose.
// SPDX-License-Identifier: Apache-2.0
#include "resume/chosen_pairs.hpp"

#include "bundle_match/results/result_table.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace bundle_match::app {

ChosenPairs::ChosenPairs(const RunInput& input) {
  if (input.command.similar > 0) {
    similar.emplace(input.images);
  }
  if (input.command.within_m > 0) {
    positions.emplace(input.images);
  }
}

void ChosenPairs::take(const results::JournalRecord& record) {
  using Kind = results::JournalRecord::Kind;
  if (similar && record.kind == Kind::choice) {
    similar->take(record);
  } else if (positions && record.kind == Kind::position) {
    positions->take(record);
  }
}

WorkPlan work_plan(const RunInput& input, const ChosenPairs& chosen, std::uint64_t most_pairs) {
  std::vector<PairSet::Pair> pairs;
  if (chosen.positions) {
    const std::vector<LocatedImage> images = chosen.positions->located();
    auto near = pairs_within(images, input.command.within_m, most_pairs);
    if (!near) {
      throw results::TableTooLarge(fmt::format(
          "--within {}: more than {} pairs are so near, more than rank 0's host has memory for",
          input.command.within_m, most_pairs));
    }
    pairs = std::move(*near);
  }
  if (chosen.similar) {
    const std::vector<PairSet::Pair> similar = chosen.similar->pairs();
    pairs.insert(pairs.end(), similar.begin(), similar.end());
  }
  return WorkPlan::among(
      PairSet::united(*input.pairs, PairSet::of(input.images.size(), std::move(pairs))));
}

}  // namespace bundle_match::app

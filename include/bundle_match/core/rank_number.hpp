// How files and pages write a rank that may not be known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <optional>

namespace bundle_match {

/// -1: not known.
[[nodiscard]] constexpr int rank_number(std::optional<Rank> rank) {
  return rank ? rank->value() : -1;
}
[[nodiscard]] constexpr std::optional<Rank> rank_of_number(int number) {
  return number == -1 ? std::nullopt : std::optional(Rank(number));
}

}  // namespace bundle_match

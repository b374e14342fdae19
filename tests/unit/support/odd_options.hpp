// Options of which none has its default value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"

#include <cstdint>

namespace bundle_match::test {

inline MatchOptions odd_options() {
  return {.nfeatures = 123,
          .sift = SiftImplementation::opencv,
          .first_octave = 0,
          .cross_check = CrossCheck::one_way,
          .threads = 3,
          .timeout_s = 0.25,
          .memory_limit_bytes = std::uint64_t{1} << 40,
          .sandbox = false,
          .kernel = "plain"};
}

}  // namespace bundle_match::test

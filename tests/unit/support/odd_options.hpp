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
          .max_size = 640,
          .mask_dir = "masks",
          .cross_check = CrossCheck::one_way,
          .max_ratio = 0.75,
          .max_distance = 300,
          .verification = Verification::homography,
          .max_error_px = 2.5,
          .min_inliers = 21,
          .cache_dir = "cache",
          .cache_limit_bytes = std::uint64_t{1} << 33,
          .feature_memory_bytes = std::uint64_t{1} << 34,
          .scratch_dir = "scratch",
          .report_features = true,
          .report_matches = true,
          .report_pictures = true,
          .threads = 3,
          .timeout_s = 0.25,
          .memory_limit_bytes = std::uint64_t{1} << 40,
          .sandbox = false,
          .kernel = "plain"};
}

}  // namespace bundle_match::test

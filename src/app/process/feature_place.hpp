// Where this host keeps the set of features that images are matched with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"
#include "bundle_match/features/feature_set.hpp"

namespace bundle_match::app {

/// As the options say; without them a quarter of the host's memory (or of this job's cgroup limit),
/// as far as it is known, then the default_scratch_folder().
[[nodiscard]] features::FeatureSetPlace feature_place(const MatchOptions& options);

}  // namespace bundle_match::app

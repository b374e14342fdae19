// --similar and --within: once images are described, which of them are matched with each other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/feature_set.hpp"
#include "sink/ledger.hpp"

#include <functional>

namespace bundle_match::app {

/// Whether pairs of the run are still to be chosen: all images are then to be described.
[[nodiscard]] bool has_to_choose(const Ledger& ledger);

/// Chooses, notes in the journal what it chose by, and adds the pairs to the run. `go_on` is asked
/// now and then; if it says no, nothing was chosen, and false is returned. Throws
/// results::TableTooLarge.
[[nodiscard]] bool choose_pairs(Ledger& ledger, const features::FeatureSet& described,
                                const std::function<bool()>& go_on);

}  // namespace bundle_match::app

// --similar: chooses, once images are described, which of them are most alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/feature_set.hpp"
#include "sink/ledger.hpp"

#include <functional>
#include <optional>
#include <string>

namespace bundle_match::app {

/// Whether a choice for the image is still to be made.
[[nodiscard]] bool lacks_choice(const Ledger& ledger, ImageIndex image);

/// Chooses for each image that no choice was made for, and notes it in the journal. `go_on` is
/// asked now and then; if it says no, nothing was chosen, and false is returned.
[[nodiscard]] bool choose_similar(Ledger& ledger, const features::FeatureSet& described,
                                  const std::function<bool()>& go_on);

/// Why a list of pairs cannot hold the run's paths; nothing if it can.
[[nodiscard]] std::optional<std::string> why_not_in_pair_list(const RunInput& input);

/// Writes what was chosen to the file of --save-similar, if there is one. Throws std::system_error.
void write_similar(Ledger& ledger);

}  // namespace bundle_match::app

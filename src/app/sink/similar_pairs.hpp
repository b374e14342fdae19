// --similar: chooses, once images are described, which of them are matched with each other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sink/describe_stage.hpp"
#include "sink/ledger.hpp"

#include <functional>
#include <optional>
#include <string>

namespace bundle_match::app {

/// Whether pairs of the run are still to be chosen: all images are then to be described.
[[nodiscard]] bool has_to_choose(const Ledger& ledger);

/// Chooses for each image that no choice was made for, notes it in the journal, and adds the pairs
/// to the run. `go_on` is asked now and then; if it says no, nothing was chosen, and false is
/// returned. Throws results::TableTooLarge.
[[nodiscard]] bool choose_similar(Ledger& ledger, const DescribeKeeper& described,
                                  const std::function<bool()>& go_on);

/// Why a list of pairs cannot hold the run's paths; nothing if it can.
[[nodiscard]] std::optional<std::string> why_not_in_pair_list(const RunInput& input);

/// Writes what was chosen to the file of --save-similar, if there is one. Throws std::system_error.
void write_similar(Ledger& ledger);

}  // namespace bundle_match::app

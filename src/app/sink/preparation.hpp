// What has to be opened, read and listed before ranks get work.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/outcome.hpp"
#include "sink/ledger.hpp"

#include <optional>

namespace bundle_match::app {

/// Opens all that is written but the journal, before the references, which may take a while. The
/// outcome if one of them cannot be written, which is told.
[[nodiscard]] std::optional<Outcome> open_outputs(Ledger& ledger);

/// Names every reference that is missing, before the first of them is described: the outcome if one
/// is.
[[nodiscard]] std::optional<Outcome> check_references(const Ledger& ledger);

/// Likewise of those among the images, once these are described: the outcome if one has failed, or
/// has no features.
[[nodiscard]] std::optional<Outcome> check_described_references(const Ledger& ledger);

/// Brings the cache of features, if there is one with a limit, to its limit: what short runs stored
/// adds up.
void prune_cache(const RunInput& input);

/// Opens the journal, and takes what it holds. The outcome if there is no going on with an earlier
/// run, which is told. Throws std::system_error.
[[nodiscard]] std::optional<Outcome> open_journal(Ledger& ledger);

/// Says that this run can be gone on with if it ends early, and how. Beforehand: a launcher that
/// ends the job may leave no time to do so then.
void tell_how_to_go_on(const Ledger& ledger);

/// Deletes the journal if this run began it: it holds nothing that another run could go on with.
void discard_new_journal(Ledger& ledger);

/// The tasks of matching that are left to do, in the order to hand them out.
[[nodiscard]] LargeVector<TaskId> remaining_tasks(const Ledger& ledger);

/// Which images' features tasks of matching still need, or choosing pairs does. Among images.
[[nodiscard]] ById<ImageIndex, bool> images_needed(const Ledger& ledger);

/// The references whose features are needed, in the order to hand them out.
[[nodiscard]] LargeVector<TaskId> references_to_describe(const Ledger& ledger);

}  // namespace bundle_match::app

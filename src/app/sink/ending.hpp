// The end of a run: results, summary, report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/outcome.hpp"
#include "rank0/rank_record.hpp"
#include "sink/ledger.hpp"
#include "terminal/console.hpp"
#include "terminal/run_summary.hpp"

namespace bundle_match::app {

/// Writes the results, and ends exports and journal. Throws std::system_error or
/// std::runtime_error.
void write_results(Ledger& ledger);

/// Whether some images have another status than ok.
[[nodiscard]] Finished finished(const Ledger& ledger);

/// Notes in the journal that the run ends in order, or is asked to.
void note_end(Ledger& ledger);

/// Says how far the run came, and ends the journal.
void tell_interrupted(Ledger& ledger);

/// Says and shows what came of a run whose results are written: summary, best images, report. The
/// outcome then.
[[nodiscard]] Outcome tell_ending(Ledger& ledger, const Console& console, const Outcome& outcome,
                                  const RankRecords& ranks, const RunTimes& times);

}  // namespace bundle_match::app

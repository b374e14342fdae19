// The last words of a run.
// SPDX-License-Identifier: Apache-2.0
#include "sink/ending.hpp"

#include "bundle_match/report/report.hpp"
#include "process/launch.hpp"
#include "sink/choosing.hpp"
#include "sink/similar_pairs.hpp"
#include "terminal/best_table.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace bundle_match::app {
namespace {

void print_best(const Ledger& ledger) {
  const Terminal terminal = find_terminal();
  if (terminal.present || ledger.input.command.verbose) {
    constexpr std::size_t kPrefix = std::string_view("bundle_match: ").size();
    for (const std::string& line :
         best_table(ledger.results, ledger.input.references(), ledger.input.images,
                    ledger.input.best_by_inliers(),
                    terminal.columns - std::min(kPrefix, terminal.columns))) {
      ledger.log.info("{}", line);
    }
  }
}

void write_report(Ledger& ledger, const std::string& summary, const RankRecords& ranks) {
  report::ReportData data;
  data.summary = {summary};
  data.parameters = {{"Command", ledger.input.launch}};
  data.timeline = ledger.timeline.timeline(ranks);
  data.thumbnails = std::move(ledger.pictures.thumbnails);
  data.drawn = std::move(ledger.pictures.drawn);
  ledger.report->write(ledger.input, ledger.results, std::move(data));
}

}  // namespace

// An image that cannot be read may be in no pair.
Finished finished(const Ledger& ledger) {
  return {ledger.results.failed() > 0 || ledger.results.images_failed() > 0};
}

void note_end(Ledger& ledger) {
  if (ledger.resumed.journal) {
    ledger.resumed.journal->write_end();
    ledger.resumed.journal->flush();
  }
}

void write_results(Ledger& ledger) {
  ledger.exports.finish();
  note_end(ledger);
  if (ledger.resumed.journal) {
    ledger.resumed.journal->sync();
  }
  write_similar(ledger);
  ledger.writer->write_all(ledger.input, ledger.results);
  let_launcher_read_output();
}

void tell_interrupted(Ledger& ledger) {
  ledger.log.warn("interrupted: {} of {}{} {} are done{}", ledger.results.done(),
                  has_to_choose(ledger) ? "at least " : "", ledger.results.size(),
                  ledger.input.unit(),
                  ledger.resumed.journal ? "" : ", and lost, as only --output FILE keeps them");
  note_end(ledger);
  if (ledger.resumed.journal) {
    ledger.resumed.journal->sync();
  }
}

Outcome tell_ending(Ledger& ledger, const Console& console, const Outcome& outcome,
                    const RankRecords& ranks, const RunTimes& times) {
  std::string summary = "Nothing to do: an earlier run did it all";
  if (ledger.results.done() > ledger.done_before) {
    const std::vector<std::string> lines = summary_lines(ledger.results, ranks, ledger.done_before,
                                                         times, ledger.input.command.verbose);
    for (const std::string& line : lines) {
      ledger.log.info("{}", console.emphasized(line));
    }
    summary = lines.front();
    print_best(ledger);
  }
  try {
    if (ledger.report) {
      write_report(ledger, summary, ranks);
    }
  } catch (const std::system_error& error) {
    ledger.log.error("--report {}", error.what());
    return OutputLost{error.what()};
  }
  return outcome;
}

}  // namespace bundle_match::app

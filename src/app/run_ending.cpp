// The last words of a run.
// SPDX-License-Identifier: Apache-2.0
#include "run_ending.hpp"

#include "best_table.hpp"
#include "bundle_match/report/report.hpp"
#include "launch.hpp"
#include "summary.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

std::vector<std::string> print_summary(const Run& run) {
  const std::chrono::duration<double> total = std::chrono::steady_clock::now() - run.plan.start;
  std::vector<std::string> lines = summary_lines(run.results, run.ranks, run.done_before,
                                                 {total.count(), run.describing_s, run.matching_s});
  for (const std::string& line : lines) {
    run.log.info("{}", run.plan.console->emphasized(line));
  }
  return lines;
}

void print_best(const Run& run) {
  const Terminal terminal = find_terminal();
  if (terminal.present || run.command.verbose) {
    constexpr std::size_t kPrefix = std::string_view("bundle_match: ").size();
    for (const std::string& line :
         best_table(run.results, run.references, run.plan.images,
                    run.command.match.verification != Verification::none,
                    terminal.columns - std::min(kPrefix, terminal.columns))) {
      run.log.info("{}", line);
    }
  }
}

void write_report(Run& run, const std::string& summary) {
  report::ReportData data;
  data.summary = {summary};
  data.parameters = {{"Command", run.launch}};
  data.timeline = run.timeline.timeline(run.ranks);
  data.thumbnails = std::move(run.pictures.thumbnails);
  data.drawn = std::move(run.pictures.drawn);
  run.report->write({run.command, run.references, run.plan.images, run.results}, std::move(data));
}

void end_journal(Run& run) {
  if (run.resumed.journal) {
    run.resumed.journal->write_end();
    run.resumed.journal->sync();
  }
}

}  // namespace

ExitCode finished_code(const results::ResultTable& results) {
  return results.failed() > 0 ? ExitCode::some_images_failed : ExitCode::all_matched;
}

ExitCode write_output(Run& run) {
  run.exports.finish();
  end_journal(run);
  run.writer->write_all({run.references, run.plan.images, run.results, run.command.selection});
  let_launcher_read_output();
  return finished_code(run.results);
}

ExitCode say_interrupted(Run& run) {
  run.log.warn("interrupted: {} of {} {} are done{}", run.results.done(), run.results.size(),
               run.work.all_pairs() ? "pairs" : "images",
               run.resumed.journal ? "" : ", and lost, as only --output FILE keeps them");
  end_journal(run);
  return ExitCode::interrupted;
}

ExitCode output_failed(const Run& run, const std::system_error& error) {
  run.log.error("{}{}", error.what(),
                run.resumed.journal
                    ? "; what was computed is kept, the same command goes on from there"
                    : "");
  return ExitCode::wrong_usage;
}

ExitCode end_run(Run& run, ExitCode code) {
  std::string summary = "Nothing to do: an earlier run did it all";
  if (run.results.done() > run.done_before) {
    summary = print_summary(run).front();
    print_best(run);
  }
  try {
    if (run.report) {
      write_report(run, summary);
    }
  } catch (const std::system_error& error) {
    run.log.error("--report {}", error.what());
    return ExitCode::wrong_usage;
  }
  return code;
}

}  // namespace bundle_match::app

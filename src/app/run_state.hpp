// What rank 0 knows of its run, from command line to results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/core/work_plan.hpp"
#include "bundle_match/results/result_table.hpp"
#include "exports.hpp"
#include "launch.hpp"
#include "phase.hpp"
#include "picture_files.hpp"
#include "pictures.hpp"
#include "plan.hpp"
#include "rank_record.hpp"
#include "resume.hpp"
#include "row_writer.hpp"
#include "run_report.hpp"
#include "run_timeline.hpp"

#include <spdlog/logger.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// Thumbnails in the report: of the best images, and of the worst.
inline constexpr std::size_t kThumbnailsKept = 200;

/// Everything that rank 0 needs from the moment its arguments are known to be right.
struct Run {
  explicit Run(const Plan& run_plan)
      : plan(run_plan),
        command(*run_plan.command),
        references(command.all_pairs ? run_plan.images : run_plan.references),
        work(run_plan.work()),
        log(run_plan.console->log()),
        launch(launch_command(run_plan.arguments)),
        results(work, {memory_share_bytes(1), command.match.verification != Verification::none}),
        kept_pictures(command.report.empty() ? 0 : kThumbnailsKept,
                      command.report.empty() ? 0 : kThumbnailsKept,
                      command.report.empty() ? 0 : kDrawnInReport) {}

  [[nodiscard]] RunData data() {
    return {work,
            references,
            plan.images,
            results,
            ranks,
            resumed,
            exports,
            timeline,
            log,
            kept_pictures,
            command.match.verification != Verification::none};
  }

  const Plan& plan;
  const CommandLine& command;
  const PathList& references;
  const WorkPlan work;
  spdlog::logger& log;
  const std::string launch;  ///< what to type to start it again
  results::ResultTable results;
  std::vector<RankRecord> ranks;
  Resumed resumed;
  Exports exports;
  std::size_t done_before = 0;  ///< of the results, by an earlier run
  std::optional<RowWriter> writer;
  std::optional<RunReport> report;
  RunTimeline timeline{RunTimeline::Clock::now()};
  double describing_s = 0;
  double matching_s = 0;
  PictureKeeper kept_pictures;
  Pictures pictures;  ///< for the report
  std::optional<PictureFiles> picture_files;
};

}  // namespace bundle_match::app

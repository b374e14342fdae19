// All that a run leaves behind: results, journal, exports, output, report, pictures. One owner, the
// sink's thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/outcome.hpp"
#include "bundle_match/core/work.hpp"
#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_table.hpp"
#include "command/run_input.hpp"
#include "output/exports.hpp"
#include "output/picture_files.hpp"
#include "output/pictures.hpp"
#include "output/row_writer.hpp"
#include "output/run_report.hpp"
#include "output/run_timeline.hpp"
#include "resume/resume.hpp"

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace bundle_match::app {

/// Thumbnails in the report: of the best images, and of the worst.
inline constexpr std::size_t kThumbnailsKept = 200;

/// Members are for the stages, which know what is to be kept of a result.
struct Ledger {
  /// Throws results::TableTooLarge.
  Ledger(const RunInput& run_input, spdlog::logger& logger);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// The rank has told which kernel it matches with.
  void rank_started(Rank rank, const std::string& kernel);
  /// Who that is, in the table; also of one that has not told its kernel.
  [[nodiscard]] std::int32_t computer_of(Rank rank);
  [[nodiscard]] const results::Computer& identity_of(Rank rank) const {
    return ranks_.at(rank).identity;
  }

  /// Hands to the kernel what was written to the journal, and to the disk what was exported.
  void flush();

  const RunInput& input;
  spdlog::logger& log;
  results::ResultTable results;
  const WorkPlan& work;  ///< of the results; more pairs may be chosen once images are described
  Resumed resumed;
  std::size_t done_before = 0;  ///< of the results, by an earlier run
  Exports exports;
  RunTimeline timeline;
  PictureKeeper kept_pictures;
  std::optional<RowWriter> writer;
  std::optional<results::OutputFile> similar_file;
  std::optional<RunReport> report;
  std::optional<PictureFiles> picture_files;
  Pictures pictures;  ///< for the report

 private:
  struct RankEntry {
    results::Computer identity;
    std::int32_t position = -1;  // in the table, once it has a result
  };

  ById<Rank, RankEntry> ranks_;
};

/// An order's result as that of an image and its pairs. Of the answer, the outcomes are moved out.
[[nodiscard]] ImageResult to_image_result(OrderResult& result);

}  // namespace bundle_match::app

// Going on with an earlier run: what its journal holds, and what is left to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/journal.hpp"
#include "bundle_match/results/result_table.hpp"
#include "command_line.hpp"
#include "run_parameters.hpp"

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace bundle_match::app {

/// Opens the journal beside the output file, puts the results it holds into `results`, and begins a
/// new run in it. Nothing if the output is not a file. Throws ResumeError.
struct Resumed {
  std::unique_ptr<results::Journal> journal;
  /// How many compute processes died of an image that has no result yet; most have no entry.
  std::unordered_map<ImageIndex, std::uint32_t> deaths;

  [[nodiscard]] std::uint32_t deaths_of(ImageIndex image) const {
    const auto known = deaths.find(image);
    return known != deaths.end() ? known->second : 0;
  }
};
[[nodiscard]] Resumed resume(const CommandLine& command, const PathList& references,
                             const PathList& images, results::ResultTable& results,
                             spdlog::logger& log);

}  // namespace bundle_match::app

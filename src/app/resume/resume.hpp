// Going on with an earlier run: what its journal holds, and what is left to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/results/journal.hpp"
#include "bundle_match/results/result_table.hpp"
#include "command/run_input.hpp"
#include "resume/chosen_pairs.hpp"
#include "resume/run_parameters.hpp"

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace bundle_match::app {

/// How many compute processes died of images that have no result yet. Never changes: any thread may
/// read it, and copies share it.
class Deaths {
 public:
  using ByImage = std::unordered_map<ImageIndex, std::uint32_t>;  ///< most images have no entry

  Deaths() = default;
  explicit Deaths(ByImage by_image)
      : by_image_(std::make_shared<const ByImage>(std::move(by_image))) {}

  [[nodiscard]] std::uint32_t of(ImageIndex image) const {
    if (!by_image_) {
      return 0;
    }
    const auto known = by_image_->find(image);
    return known != by_image_->end() ? known->second : 0;
  }

  /// Images with any.
  [[nodiscard]] std::size_t size() const { return by_image_ ? by_image_->size() : 0; }

 private:
  std::shared_ptr<const ByImage> by_image_;
};

struct Resumed {
  explicit Resumed(const RunInput& input) : chosen(input) {}

  std::unique_ptr<results::Journal> journal;  ///< nothing if the output is not a file
  bool new_journal = false;                   ///< there was none, or it was to be overwritten
  Deaths deaths;
  ChosenPairs chosen;
};

/// Where the run's journal is, if the output is a file.
[[nodiscard]] std::string journal_name(const CommandLine& command);

/// Opens the journal beside the output file, puts the pairs and results it holds into `results`,
/// and begins a new run in it. Throws ResumeError.
[[nodiscard]] Resumed resume(const RunInput& input, results::ResultTable& results,
                             spdlog::logger& log);

}  // namespace bundle_match::app

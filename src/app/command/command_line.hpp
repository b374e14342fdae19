// The options of the command, from arguments, config file and environment, as one struct.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "bundle_match/results/row_selection.hpp"
#include "process/exit_code.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match::app {

enum class ProgressMode : std::uint8_t {
  automatic,  ///< a line that redraws on a terminal, else a plain line every few seconds
  always,     ///< a line that redraws, wherever standard error goes
  never,
};

/// Pictures of matches.
struct DrawOptions {
  std::string folder;  ///< empty: none
  /// How many of each reference's best images are drawn (among images: of the run's best pairs);
  /// nothing: all images that are ok.
  std::optional<std::uint32_t> best;
  PictureFormat format = PictureFormat::jpeg;

  friend bool operator==(const DrawOptions&, const DrawOptions&) = default;
};

struct CommandLine {
  std::vector<std::string> references;
  std::vector<std::string> reference_lists;  ///< files with one path a line
  bool all_pairs = false;                    ///< every image is matched with every other
  std::uint32_t window = 0;                  ///< each image is matched with so many after it
  std::vector<std::string> pair_lists;       ///< files with two paths a line
  std::string pairs_folder;                  ///< that these are relative to
  std::uint32_t similar = 0;                 ///< each image is matched with so many like it
  std::string save_similar;                  ///< list of these pairs; empty: none
  double within_m = 0;                       ///< images taken so near are matched; 0: not asked for
  std::vector<std::string> inputs;           ///< files, directories, globs
  std::vector<std::string> lists;            ///< files with one path a line; "-" is standard input
  bool null_separated = false;               ///< lists and text output
  bool recursive = false;                    ///< descend into directories
  MatchOptions match;
  std::string output = "-";  ///< "-" is standard output
  std::optional<results::Format> format;
  results::RowSelection selection;  ///< which rows are written, in which order
  std::string report;               ///< page of the run; empty: none
  std::string export_colmap;        ///< COLMAP's database; empty: none
  std::string save_matches;         ///< folder for features and matches; empty: none
  DrawOptions draw;
  bool retry_failed = false;  ///< compute images again that an earlier run could not match
  bool overwrite = false;     ///< discard what an earlier run left
  bool send_images = false;   ///< rank 0 reads the files, and sends them with the orders
  double rank_timeout_s = 30;
  bool no_sandbox = false;  ///< match.sandbox is its opposite
  ProgressMode progress = ProgressMode::automatic;
  bool progress_detail = false;  ///< a line a host, now and then
  bool dry_run = false;
  bool verbose = false;
  bool quiet = false;

  /// Whether images are matched with each other. References are then some of the images.
  /// Pairs are chosen, or features exported, by what images look like.
  [[nodiscard]] bool rank_0_takes_features() const {
    return match.report_features || similar > 0 || within_m > 0;
  }
  [[nodiscard]] bool among_images() const {
    return all_pairs || window > 0 || similar > 0 || within_m > 0 || !pair_lists.empty();
  }
};

/// The format of the rows: by --format, by the output file's extension, else csv if there are
/// several references, else text.
[[nodiscard]] results::WriteOptions write_options(const CommandLine& command);

/// The command ends at once: with a text for standard output (--help, --version) or a message.
struct ExitNow {
  ExitCode code = ExitCode::all_matched;
  std::string text;     ///< for standard output
  std::string message;  ///< for standard error, one line
};

[[nodiscard]] std::variant<CommandLine, ExitNow> parse_command_line(int argc,
                                                                    const char* const* argv);

}  // namespace bundle_match::app

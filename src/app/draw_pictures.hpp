// Pictures once the matching is done: the files of --draw, and what a report shows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "coordinator.hpp"
#include "picture_files.hpp"
#include "pictures.hpp"

#include <cstdint>
#include <optional>

namespace bundle_match::app {

struct DrawSettings {
  bool rank_0_alone = false;          ///< other ranks do not see the files
  std::optional<std::uint32_t> best;  ///< only those of each reference (of all pairs: of the run)
  bool skip_existing = false;         ///< they are those of an interrupted run
};

/// Draws into the files; says what could not be drawn. See Coordinator::interrupted().
void draw_files(const RunData& data, Coordinator& coordinator, const PictureFiles& files,
                const DrawSettings& settings);

/// The best `settings.best` pairs of the run, and thumbnails of as many of the best and the worst
/// images as data.kept_pictures keeps; those that it does not have (features came from a cache, or
/// results from an earlier run) are made. What cannot be made, or not in time, is missing.
[[nodiscard]] Pictures pictures_for_report(const RunData& data, Coordinator& coordinator,
                                           const DrawSettings& settings);

}  // namespace bundle_match::app

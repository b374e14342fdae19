// Formats the best images of a run as a small table for a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/result_table.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::app {

/// The text, if need be with its middle replaced by "...", in at most so many columns (at least 8).
/// A UTF-8 character counts as one and is not cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t columns);

/// A heading and the best ten pairs: matches, inliers if `with_inliers` (then the best by these),
/// the image's path and, of several references, the reference's. No lines if no pair is ok.
[[nodiscard]] std::vector<std::string> best_table(const results::ResultTable& results,
                                                  const PathList& references,
                                                  const PathList& images, bool with_inliers,
                                                  std::size_t columns);

}  // namespace bundle_match::app

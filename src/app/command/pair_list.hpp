// Reads which images are to be matched with which.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/pair_set.hpp"
#include "bundle_match/core/path_list.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::app {

struct PairRequest {
  std::vector<std::string> lists;  ///< files; "-" is standard input
  bool null_separated = false;
  std::string folder;  ///< that paths are relative to; empty: the working directory
};

/// The pairs of the lists, as pair lists of COLMAP and hloc have them: a line has the paths of two
/// images, with white space between them; lines that are empty or begin with '#' count for nothing.
/// Null-separated, two paths that follow each other are a pair. Images that are not among `images`
/// are added to them, in the order in which they are named. Throws InputError, which names the
/// line, for what is no pair of two images.
[[nodiscard]] std::vector<PairSet::Pair> read_pairs(const PairRequest& request, PathList& images);

/// Whether such a line can hold the path.
[[nodiscard]] bool fits_pair_line(std::string_view path);

}  // namespace bundle_match::app

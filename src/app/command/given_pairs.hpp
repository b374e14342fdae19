// Which images are matched with each other, as far as the options say so before any is described.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/pair_set.hpp"
#include "bundle_match/core/path_list.hpp"
#include "command/command_line.hpp"

#include <vector>

namespace bundle_match::app {

struct GivenPairs {
  PairSet pairs;
  std::vector<ImageIndex> references;  ///< positions of the references, each once
};

/// `images` are those of the input; they are matched with all references. References that are none
/// of them are put before them, images that only a list of pairs names are put behind. Throws
/// InputError.
[[nodiscard]] GivenPairs given_pairs(const CommandLine& command, const PathList& references,
                                     PathList& images);

}  // namespace bundle_match::app

// How an octave is cut into the areas that threads take one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyramid_plan.hpp"

#include <vector>

namespace bundle_match::features::sift {

/// Strips of columns; for more than one thread, several pieces of each strip. Together they are the
/// octave. Inner borders are multiples of 16. `may_be_wide`: for one thread, an octave that is not
/// much wider than a strip is left whole.
[[nodiscard]] std::vector<Area> areas_of(const Size& size, int threads, bool may_be_wide);

}  // namespace bundle_match::features::sift

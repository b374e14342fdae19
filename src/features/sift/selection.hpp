// Selects and sorts keypoints as cv::KeyPointsFilter does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/sift.hpp"

#include <vector>

namespace bundle_match::features::sift {

/// Sorts by x, y, size (descending), angle, response (descending) and octave (descending), and
/// drops those that agree with the one before in x, y, size and angle. The order given does not
/// matter.
void sort_and_drop_duplicates(std::vector<SiftKeypoint>& keypoints);

/// Keeps the `count` of the highest response and all that equal the last of them, in the order in
/// which std::nth_element and std::partition leave them.
void keep_best(std::vector<SiftKeypoint>& keypoints, int count);

}  // namespace bundle_match::features::sift

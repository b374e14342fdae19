// Features and matches as files that numpy.load reads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/exports/exporter.hpp"

#include <memory>
#include <string>

namespace bundle_match::exports {

/// Writes below `folder`, which is made if it is not there:
/// - features/IMAGE.npz: `path` (bytes), `image_size` (uint32: width, height), `keypoints` (n x 4
///   float32: x, y, size, angle, as in OpenCV), `responses` (n float32), `octaves` (n int32, as in
///   OpenCV), `descriptors` (n x 128 uint8)
/// - matches/REFERENCE/IMAGE.npz: `reference` and `image` (bytes), `matches` (k x 2 uint32: rows of
///   the reference's and of the image's features); if verification was asked for also `geometry`
///   (bytes: homography or fundamental), `inliers` (k bool), `model` (3 x 3 float64; 0 if there is
///   none)
///
/// IMAGE and REFERENCE are paths in which every byte but A-Z a-z 0-9 . _ - becomes %XX, and so does
/// a dot at the beginning. One longer than 200 bytes becomes its XXH3-128, a tilde and its last 150
/// bytes or a few less.
///
/// A file appears complete, with the flush() after it was added; one of the same bytes is left as
/// it is. The bytes are a function of what was added alone. finish() flushes.
[[nodiscard]] std::unique_ptr<Exporter> open_match_files(const std::string& folder);

}  // namespace bundle_match::exports

// The database of COLMAP 3.8: features, matches and geometries, for `colmap mapper` to go on from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/exports/exporter.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace bundle_match::exports {

struct ColmapOptions {
  bool overwrite = false;
  /// MatchOptions::first_octave. OpenCV's doubled image, and so ours, is moved by a quarter of a
  /// pixel, and with it all features if it is used. Here, that is taken back.
  std::int32_t first_octave = -1;
};

/// Writes `path` + ".partial", which finish() renames to `path`; an interrupted run goes on with
/// it. One transaction from one flush() to the next. A finished database is only read, until
/// something is added: then a copy of it becomes the partial one. Throws std::runtime_error if
/// another run writes the partial one, if it is damaged or somebody else's, or if `path` exists and
/// is not of our making. With `overwrite` both are replaced.
///
/// What it holds, as COLMAP writes it itself:
/// - images: `name` is the path as it was given; COLMAP looks for it below its --image_path (the
///   folder of the run for relative paths, / for absolute ones). `image_id` is the position in
///   set_order() from 1 or, if another image has that already, the next free one.
/// - cameras: one an image, SIMPLE_RADIAL, focal length 1.2 times the longer side, not known.
/// - keypoints: x, y and the 2 x 2 shape of scale and orientation. The centre of the first pixel is
///   (0.5, 0.5) in COLMAP and (0, 0) here and in OpenCV; keypoints and models are moved by that.
/// - matches; of an image with itself there are none, as COLMAP has no such pairs. If a pair was
///   matched from both sides, those from the side of the lower image_id are kept.
/// - two_view_geometries of pairs that were verified: UNCALIBRATED with F, PLANAR_OR_PANORAMIC with
///   H or, if there is no model, DEGENERATE. COLMAP's matchers verify the other pairs.
[[nodiscard]] std::unique_ptr<Exporter> open_colmap_database(const std::string& path,
                                                             const ColmapOptions& options);

}  // namespace bundle_match::exports

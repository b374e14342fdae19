// Options that decide how one image is computed; they are the same on every rank of a job.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bundle_match {

// The enums here are numbered from 0; last_value() is the largest number that means something.

/// Which nearest neighbours count as matches; see matching/nearest.hpp.
enum class CrossCheck : std::uint8_t { mutual = 0, one_way = 1 };

[[nodiscard]] constexpr CrossCheck last_value(CrossCheck /*any*/) { return CrossCheck::one_way; }

/// "mutual" or "one-way".
[[nodiscard]] constexpr std::string_view to_string(CrossCheck check) {
  return check == CrossCheck::mutual ? "mutual" : "one-way";
}

/// Whose SIFT extracts the features; `automatic` is ours.
enum class SiftImplementation : std::uint8_t { automatic = 0, fast = 1, opencv = 2 };

[[nodiscard]] constexpr SiftImplementation last_value(SiftImplementation /*any*/) {
  return SiftImplementation::opencv;
}

/// The geometry that matches are checked against; see geometry/verification.hpp.
enum class Verification : std::uint8_t { none = 0, homography = 1, fundamental = 2 };

[[nodiscard]] constexpr Verification last_value(Verification /*any*/) {
  return Verification::fundamental;
}

/// "none", "homography" or "fundamental".
[[nodiscard]] constexpr std::string_view to_string(Verification verification) {
  constexpr std::string_view kWords[] = {"none", "homography", "fundamental"};
  return kWords[static_cast<std::size_t>(verification)];
}

/// Of pictures of matches.
enum class PictureFormat : std::uint8_t { jpeg = 0, png = 1 };

[[nodiscard]] constexpr PictureFormat last_value(PictureFormat /*any*/) {
  return PictureFormat::png;
}

/// Longest side of thumbnails, in pixels.
inline constexpr std::int32_t kThumbnail_px = 240;

/// Pairs that the page of a run draws, at most.
inline constexpr std::uint32_t kDrawnInReport = 12;

struct MatchOptions {
  /// Strongest features kept per image; 0 keeps all.
  std::int32_t nfeatures = 5000;
  SiftImplementation sift = SiftImplementation::automatic;
  /// Octave in which features are looked for first: -1 is the image doubled, 0 the image as it is,
  /// which OpenCV's SIFT cannot.
  std::int32_t first_octave = -1;
  /// Longest side in pixels: larger images are shrunk before anything else; 0 for any.
  std::int32_t max_size = 0;
  /// Folder with masks (features/preparation.hpp); empty: none.
  std::string mask_dir;
  CrossCheck cross_check = CrossCheck::mutual;
  /// Lowe's ratio test and the largest distance of a match (matching/nearest.hpp); 0: none.
  double max_ratio = 0;
  double max_distance = 0;
  /// Geometry that the matches of a pair must agree on, within `max_error_px`. A pair with fewer
  /// than `min_inliers` has no model.
  Verification verification = Verification::none;
  double max_error_px = 4;
  std::uint32_t min_inliers = 15;
  /// Folder of the cache of features, and what it may hold; empty: none, 0: no limit.
  std::string cache_dir;
  std::uint64_t cache_limit_bytes = 0;
  /// Memory on each host for the set of features that images are matched with, and the folder where
  /// more than that goes; 0: a part of the host's memory, empty: its default_scratch_folder().
  std::uint64_t feature_memory_bytes = 0;
  std::string scratch_dir;
  /// Whether reports carry the features of images, and the rows of matches: for exports.
  bool report_features = false;
  bool report_matches = false;
  /// Whether they carry what the page of a run needs: thumbnails of images that were read, and the
  /// points to draw of pairs that may be among the best.
  bool report_pictures = false;
  /// Threads that compute the features of one image; they do not depend on it.
  std::int32_t threads = 1;
  /// Time one image may take, in seconds; 0 for no limit.
  double timeout_s = 120;
  /// Memory one compute process may allocate; 0: the node's memory shared among its ranks.
  std::uint64_t memory_limit_bytes = 0;
  /// Compute processes may read files and compute, and nothing else.
  bool sandbox = true;
  /// The matching kernel's name; empty: the fastest one of each rank's CPU.
  std::string kernel;

  friend bool operator==(const MatchOptions&, const MatchOptions&) = default;
};

}  // namespace bundle_match

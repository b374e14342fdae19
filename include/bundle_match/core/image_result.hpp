// The result of an image: what tables, journals, outputs and reports are made of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/image_status.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace bundle_match {

/// Where a match is in a reference and in an image, in pixels of the whole images.
struct MatchedPoints {
  float reference_x = 0;
  float reference_y = 0;
  float image_x = 0;
  float image_y = 0;
  bool inlier = false;

  friend bool operator==(const MatchedPoints&, const MatchedPoints&) = default;
};

/// Milliseconds spent on one image, by stage.
struct StageTimes {
  float read = 0;
  float sift = 0;
  float match = 0;

  [[nodiscard]] float total() const { return read + sift + match; }
  friend bool operator==(const StageTimes&, const StageTimes&) = default;
};

/// Rows of the features of a reference and of an image that match.
struct MatchedRows {
  std::uint32_t reference = 0;
  std::uint32_t image = 0;

  friend bool operator==(const MatchedRows&, const MatchedRows&) = default;
};

/// The result of matching one image with one reference.
struct PairOutcome {
  std::uint32_t matches = 0;
  std::uint32_t inliers = 0;         ///< matches that agree on one geometry; 0 without --verify
  std::vector<double> model;         ///< 3 x 3, row-major (geometry/verification.hpp); empty: none
  std::vector<MatchedRows> matched;  ///< only if MatchOptions::report_matches
  std::vector<std::uint32_t> inlier_positions;  ///< in `matched`; likewise

  friend bool operator==(const PairOutcome&, const PairOutcome&) = default;
};

/// The data for a picture of an image's best pair.
struct DrawablePair {
  ReferenceIndex reference;
  std::vector<MatchedPoints> points;

  friend bool operator==(const DrawablePair&, const DrawablePair&) = default;
};

/// What came of an image, and of its pairs with some of the references.
struct ImageResult {
  ImageStatus status = ImageStatus::ok;
  std::vector<PairOutcome> outcomes;  ///< if ok: one for each of these references
  std::uint32_t keypoints = 0;
  std::uint32_t width = 0;   ///< pixels, after EXIF rotation; 0 if not known
  std::uint32_t height = 0;  ///< pixels
  StageTimes elapsed_ms;
  std::string reason;  ///< why not ok, or the decoder's warning

  friend bool operator==(const ImageResult&, const ImageResult&) = default;
};

}  // namespace bundle_match

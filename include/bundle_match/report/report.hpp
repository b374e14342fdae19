// The page of a run: one HTML file that needs no others, and the data that it shows. Knows nothing
// of MPI, of files and of how the pictures were made.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/image_result.hpp"
#include "bundle_match/report/row_collector.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match::report {

/// An option of the run and its value.
struct Parameter {
  std::string name;
  std::string value;
};

/// A small version of an image.
struct Thumbnail {
  ImageIndex image;
  std::uint32_t width = 0;   ///< pixels of the JPEG
  std::uint32_t height = 0;  ///< pixels
  std::string jpeg;          ///< its bytes
};

/// A reference and an image side by side, with lines between the features that match.
struct DrawnMatches {
  ImageIndex image;
  ReferenceIndex reference;
  std::uint32_t width = 0;   ///< pixels of the JPEG
  std::uint32_t height = 0;  ///< pixels
  std::string jpeg;          ///< its bytes
};

/// Seconds a rank spent within some stretch of time, by stage, and seconds for which it had nothing
/// to do and others used its cores.
struct RankTimes {
  float read = 0;
  float sift = 0;
  float match = 0;
  float lent = 0;

  [[nodiscard]] float busy() const { return read + sift + match; }
  RankTimes& operator+=(const RankTimes& other) {
    read += other.read;
    sift += other.sift;
    match += other.match;
    lent += other.lent;
    return *this;
  }
};

/// What a rank worked at: an image, or a reference that is none of the images and was described.
using WorkedAt = std::variant<ImageIndex, ReferenceIndex>;

/// When a rank worked at that; seconds since the start of the run.
struct Interval {
  float start_s = 0;
  float end_s = 0;
  WorkedAt what;
};

struct RankTimeline {
  Rank rank;
  std::string host;
  std::string kernel;
  std::size_t images = 0;
  double busy_s = 0;
  double lent_s = 0;  ///< others used its cores
  bool lost = false;
  std::vector<RankTimes> bins;      ///< of Timeline::bin_s each, from the start of the run
  std::vector<Interval> intervals;  ///< empty if there were too many to keep
};

struct Timeline {
  double span_s = 0;  ///< from the start of the run to the last report
  double bin_s = 0;
  std::vector<RankTimeline> ranks;
};

/// Images that belong together.
struct ImageGroup {
  std::size_t images = 0;
  std::vector<std::string> paths;  ///< of the first of them
};

struct ImageGroups {
  std::string rule;  ///< what connects them; empty: not looked for
  std::size_t total = 0;
  std::vector<ImageGroup> shown;  ///< the largest
};

struct ReportData {
  std::string title;                 ///< empty: none
  std::vector<std::string> summary;  ///< lines
  std::vector<Parameter> parameters;
  ById<ReferenceIndex, std::string> references;  ///< paths; with --all-pairs those of the images
  bool among_images = false;
  bool verified = false;  ///< rows have inliers
  CollectedRows rows;
  std::vector<Thumbnail> thumbnails;  ///< of some images, such as the best and the worst
  std::vector<DrawnMatches> drawn;    ///< of the best, best first
  ImageGroups groups;
  Timeline timeline;  ///< no ranks: not known
};

/// Upper bounds of what is shown. More ranks are shown by host; of other lists, the first entries.
inline constexpr std::size_t kMostRanksShown = 64;
inline constexpr std::size_t kMostIntervals = 4000;
inline constexpr std::size_t kMostThumbnails = 400;
inline constexpr std::size_t kMostDrawn = 24;
inline constexpr std::size_t kMostGroups = 500;
inline constexpr std::size_t kMostImagesOfGroup = 50;

/// The page, as UTF-8. Texts may be any bytes: what is not UTF-8 is shown as U+FFFD.
[[nodiscard]] std::string write_report(const ReportData& data);

}  // namespace bundle_match::report

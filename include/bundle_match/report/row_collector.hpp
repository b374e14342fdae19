// Reduces the rows of results, however many, to those that a page can hold.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/image_status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace bundle_match::report {

/// The result of matching one image with one reference, and what is known of the image. Unknown
/// numbers are 0.
struct Row {
  ImageIndex image;       ///< position in the input
  std::string path = {};  ///< bytes, as the user gave them
  ReferenceIndex reference;
  ImageStatus status = ImageStatus::ok;
  std::string reason = {};
  std::uint32_t matches = 0;
  std::uint32_t inliers = 0;
  std::uint32_t keypoints = 0;
  std::uint32_t width = 0;   ///< pixels
  std::uint32_t height = 0;  ///< pixels
  StageTimes elapsed_ms = {};
  std::optional<Rank> rank = {};  ///< nothing: not known
  std::string host = {};
};

/// The best of one image's rows.
struct BestCount {
  std::string path;
  ImageStatus status = ImageStatus::ok;
  std::uint32_t matches = 0;
  std::uint32_t inliers = 0;
};

/// The best counts of some images that follow each other in the input.
struct OrderBin {
  ImageIndex first;
  std::uint64_t images = 0;
  std::uint64_t matched = 0;  ///< of these; the numbers below are theirs
  std::uint32_t least = 0;
  std::uint32_t most = 0;
  std::uint64_t sum = 0;
};

/// Counts of all rows, and the rows that are shown one by one.
struct CollectedRows {
  static constexpr std::size_t kStatuses = 6;

  std::vector<Row> rows;  ///< in the order in which they were added
  std::uint64_t total = 0;
  std::array<std::uint64_t, kStatuses> by_status{};   ///< rows, by ImageStatus
  std::map<std::uint32_t, std::uint64_t> histogram;   ///< rows that are ok, by matches
  std::vector<OrderBin> order;                        ///< all images
  std::unordered_map<ImageIndex, BestCount> best_of;  ///< of images that are pictured
  std::uint64_t images = 0;
  StageTimes total_ms;  ///< of all images
};

/// Width of the bins in which numbers up to `most` take at most `bins` of them: 1, 2, 5, 10, ...
[[nodiscard]] std::uint64_t round_width(std::uint64_t most, std::uint64_t bins);

/// Takes the rows of a run one by one, and keeps no more than a page can show without delay.
class RowCollector {
 public:
  struct Limits {
    std::size_t matched = 150'000;  ///< rows that are ok: those with the most matches
    std::size_t failed = 50'000;    ///< the first ones
    std::size_t order_bins = 400;
  };

  /// With --all-pairs, a row counts for its reference, too, which is also an image. The best counts
  /// of the images in `pictured` are kept even if their rows are not.
  RowCollector(std::size_t images, bool among_images, const std::vector<ImageIndex>& pictured)
      : RowCollector(images, among_images, pictured, Limits()) {}
  RowCollector(std::size_t images, bool among_images, const std::vector<ImageIndex>& pictured,
               const Limits& limits);

  /// Throws std::out_of_range for an image that is not in the run.
  void add(const Row& row);
  /// What one image took; not part of add(), as an image may have many rows.
  void add_times(const StageTimes& elapsed_ms);

  [[nodiscard]] CollectedRows finish();

 private:
  struct Numbered {
    std::uint64_t number = 0;
    Row row;
  };

  void add_best(ImageIndex image, const Row& row, const std::string& path);
  void drop_worst();

  Limits limits_;
  bool among_images_;
  CollectedRows result_;
  std::vector<Numbered> matched_;
  std::vector<Numbered> failed_;
  ById<ImageIndex, std::optional<std::uint32_t>> best_;  // matches
  double read_ms_ = 0;  // floats would lose the last of many images
  double sift_ms_ = 0;
  double match_ms_ = 0;
};

}  // namespace bundle_match::report

// What came of a run: of every image, and of every pair of a reference and an image.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/work_plan.hpp"
#include "bundle_match/results/journal.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace bundle_match::results {

/// One row of the results: what came of matching one image with one reference.
struct PairResult {
  ImageStatus status = ImageStatus::ok;  ///< of the image; among images, of either
  std::string reason = {};
  std::uint32_t matches = 0;
  std::uint32_t inliers = 0;
  std::vector<double> model = {};  ///< 3 x 3, row-major; empty if there is none
};

/// The numbers of a row that is ok.
struct PairCounts {
  std::uint32_t matches = 0;
  std::uint32_t inliers = 0;

  friend bool operator==(const PairCounts&, const PairCounts&) = default;
};

/// Bytes that the table of such a run takes: 4 a pair, 8 with numbers of inliers, and some for
/// every image. (Models and reasons, which few have, are not counted.) The largest number if there
/// are more.
[[nodiscard]] std::uint64_t table_bytes(const WorkPlan& plan, bool inliers);

/// What a table may take.
struct TableMemory {
  std::uint64_t most_bytes = 0;  ///< 0: not known
  bool inliers = false;          ///< whether pairs will have some
};

/// The table of a run does not fit into memory. what() says in one line how many pairs there are,
/// what they take, and what to do.
class TableTooLarge : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Numbers of images and of pairs, in little memory.
class ResultTable {
 public:
  /// Throws TableTooLarge.
  explicit ResultTable(const WorkPlan& plan, const TableMemory& memory = {});

  /// Among images: from now on the table has the pairs of this plan, which are those that it has
  /// had and more. Throws TableTooLarge, and is then as before.
  void add_pairs(const WorkPlan& larger);

  /// How many pairs of as many images there is memory for; the largest number if it is not known.
  [[nodiscard]] std::uint64_t most_pairs() const;

  /// Position of a computer in this table; one that is known already keeps its position.
  [[nodiscard]] std::int32_t add_computer(const Computer& computer);

  /// Keeps what was reported of an image, and the position of who computed it. With references, the
  /// outcomes are those of its pairs with all of them; among images, record_pairs() keeps them.
  /// Throws std::out_of_range for an image, or more outcomes, than are in the run.
  void record(std::int32_t computer, ImageIndex image, const ImageResult& report);
  /// Among images: keeps the outcomes of pairs of an image with these, or that they have failed. A
  /// pair of an image that has failed stays failed. Throws std::out_of_range for what is no pair of
  /// the run, and for another number of outcomes.
  void record_pairs(ImageIndex image, const ImageResult& report, const ReferenceList& with);

  /// Forgets the image and its pairs; among images, the image and those of its pairs that failed.
  void forget(ImageIndex image);
  /// Forgets the image's result and its pairs, also among images.
  void forget_with_pairs(ImageIndex image);
  /// Forgets whatever has failed.
  void forget_failed();

  [[nodiscard]] const WorkPlan& plan() const { return plan_; }
  /// Images or, among images, pairs.
  [[nodiscard]] std::size_t size() const;
  /// Of these, those with a result, of any status.
  [[nodiscard]] std::size_t done() const;
  /// Those with another status than ok.
  [[nodiscard]] std::size_t failed() const;
  /// Images with another status than ok; among images, some of them may be in no pair.
  [[nodiscard]] std::size_t images_failed() const { return images_failed_; }

  [[nodiscard]] bool has(ImageIndex image) const { return entries_[image].computer >= 0; }
  /// Of a pair of the run; throws std::out_of_range for another. Likewise pair().
  [[nodiscard]] bool has_pair(ImageIndex image, ReferenceIndex reference) const;
  [[nodiscard]] ImageStatus status(ImageIndex image) const { return entries_[image].status; }
  /// The image's report, without outcomes.
  [[nodiscard]] ImageResult report(ImageIndex image) const;
  [[nodiscard]] PairResult pair(ImageIndex image, ReferenceIndex reference) const;
  /// The same numbers at little cost; nothing unless it is a pair of the run and was computed.
  [[nodiscard]] std::optional<PairCounts> counts(ImageIndex image, ReferenceIndex reference) const;
  /// Who computed it; only if has(image).
  [[nodiscard]] const Computer& computer(ImageIndex image) const {
    return computers_.at(static_cast<std::size_t>(entries_.at(image).computer));
  }

 private:
  friend std::uint64_t table_bytes(const WorkPlan& plan, bool inliers);

  struct Entry {
    std::int32_t computer = -1;
    std::uint32_t keypoints = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    StageTimes elapsed_ms;
    ImageStatus status = ImageStatus::ok;
  };
  struct Failure {
    ImageStatus status = ImageStatus::failed;
    std::string reason;
  };
  using Model = std::array<double, 9>;

  static constexpr std::uint32_t kNotKnown = std::numeric_limits<std::uint32_t>::max();

  // Allocates for the pairs of the plan. Throws TableTooLarge.
  void fit_into_memory(const WorkPlan& plan, const std::function<void()>& allocate) const;
  [[nodiscard]] std::size_t count_pairs_of_failed_images() const;
  void record_outcome(std::uint64_t pair, const PairOutcome& outcome);
  void forget_image(ImageIndex image);
  void forget_pair(std::uint64_t pair);
  void forget_pairs_with(ImageIndex image);
  [[nodiscard]] std::size_t pairs_that_fail_with(ImageIndex image) const;
  [[nodiscard]] bool image_failed(ImageIndex image) const {
    return has(image) && status(image) != ImageStatus::ok;
  }
  [[nodiscard]] bool either_failed(ImageIndex image, ReferenceIndex reference) const {
    return image_failed(image) || (plan_.among_images() && image_failed(image_of(reference)));
  }
  [[nodiscard]] std::string reason_of(ImageIndex image) const;

  WorkPlan plan_;
  TableMemory memory_;
  ById<ImageIndex, Entry, LargeVector<Entry>> entries_;
  std::vector<Computer> computers_;
  std::unordered_map<ImageIndex, std::string> reasons_;  // few images have one
  // Of every pair, or kNotKnown; that of a pair that has failed, or of an image that has.
  LargeVector<std::uint32_t> matches_;
  LargeVector<std::uint32_t> inliers_;                   // of every pair, once one has any
  std::unordered_map<std::uint64_t, Model> models_;      // of pairs
  std::unordered_map<std::uint64_t, Failure> failures_;  // of pairs, if not of their images
  std::size_t images_done_ = 0;
  std::size_t images_failed_ = 0;
  std::size_t pairs_known_ = 0;
  std::size_t pairs_of_failed_images_ = 0;  // among images; none of them is known, or in failures_
};

}  // namespace bundle_match::results

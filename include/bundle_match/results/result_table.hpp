// The reports of a run, by image, in little memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/core/scheduler.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace bundle_match::results {

class ResultTable {
 public:
  explicit ResultTable(std::size_t images) : entries_(images) {}

  /// Keeps what `rank` reported. Throws std::out_of_range for an image that is not in the run.
  void record(Rank rank, const ImageReport& report);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// Images recorded, of any status.
  [[nodiscard]] std::size_t done() const { return done_; }
  /// Images recorded with another status than ok.
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] bool has(ImageIndex image) const { return entries_[image].rank >= 0; }
  [[nodiscard]] ImageReport report(ImageIndex image) const;
  /// Who computed it; -1 if nobody did yet.
  [[nodiscard]] Rank rank(ImageIndex image) const { return entries_[image].rank; }

 private:
  struct Entry {
    Rank rank = -1;
    std::uint32_t matches = 0;
    std::uint32_t keypoints = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    StageTimes elapsed_ms;
    ImageStatus status = ImageStatus::ok;
  };

  std::vector<Entry> entries_;
  std::unordered_map<ImageIndex, std::string> reasons_;  // few images have one
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace bundle_match::results

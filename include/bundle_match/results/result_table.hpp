// The reports of a run, by image, in little memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/results/journal.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace bundle_match::results {

class ResultTable {
 public:
  explicit ResultTable(std::size_t images) : entries_(images) {}

  /// Position of a computer in this table; one that is known already keeps its position.
  [[nodiscard]] std::int32_t add_computer(const Computer& computer);

  /// Keeps what was reported, and the position of who computed it. Throws std::out_of_range for an
  /// image that is not in the run.
  void record(std::int32_t computer, const ImageReport& report);

  /// Forgets the image's result.
  void forget(ImageIndex image);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// Images recorded, of any status.
  [[nodiscard]] std::size_t done() const { return done_; }
  /// Images recorded with another status than ok.
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] bool has(ImageIndex image) const { return entries_[image].computer >= 0; }
  [[nodiscard]] ImageStatus status(ImageIndex image) const { return entries_[image].status; }
  [[nodiscard]] ImageReport report(ImageIndex image) const;
  /// Who computed it; only if has(image).
  [[nodiscard]] const Computer& computer(ImageIndex image) const {
    return computers_.at(static_cast<std::size_t>(entries_.at(image).computer));
  }

 private:
  struct Entry {
    std::int32_t computer = -1;
    std::uint32_t matches = 0;
    std::uint32_t keypoints = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    StageTimes elapsed_ms;
    ImageStatus status = ImageStatus::ok;
  };

  std::vector<Entry> entries_;
  std::vector<Computer> computers_;
  std::unordered_map<ImageIndex, std::string> reasons_;  // few images have one
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace bundle_match::results

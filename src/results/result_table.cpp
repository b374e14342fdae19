// Packing and unpacking of reports.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"

#include <algorithm>
#include <cstdint>

namespace bundle_match::results {

std::int32_t ResultTable::add_computer(const Computer& computer) {
  const auto known = std::find(computers_.begin(), computers_.end(), computer);
  if (known != computers_.end()) {
    return static_cast<std::int32_t>(known - computers_.begin());
  }
  computers_.push_back(computer);
  return static_cast<std::int32_t>(computers_.size() - 1);
}

void ResultTable::record(std::int32_t computer, const ImageReport& report) {
  forget(report.image);
  ++done_;
  if (report.status != ImageStatus::ok) {
    ++failed_;
  }
  entries_[report.image] = {computer,      report.matches,    report.keypoints, report.width,
                            report.height, report.elapsed_ms, report.status};
  if (!report.reason.empty()) {
    reasons_[report.image] = report.reason;
  }
}

void ResultTable::forget(ImageIndex image) {
  Entry& entry = entries_.at(image);
  if (entry.computer < 0) {
    return;
  }
  --done_;
  if (entry.status != ImageStatus::ok) {
    --failed_;
  }
  entry = {};
  reasons_.erase(image);
}

ImageReport ResultTable::report(ImageIndex image) const {
  const Entry& entry = entries_.at(image);
  ImageReport report;
  report.image = image;
  report.status = entry.status;
  report.matches = entry.matches;
  report.keypoints = entry.keypoints;
  report.width = entry.width;
  report.height = entry.height;
  report.elapsed_ms = entry.elapsed_ms;
  if (const auto reason = reasons_.find(image); reason != reasons_.end()) {
    report.reason = reason->second;
  }
  return report;
}

}  // namespace bundle_match::results

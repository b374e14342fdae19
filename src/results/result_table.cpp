// Packing and unpacking of reports.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"

namespace bundle_match::results {

void ResultTable::record(Rank rank, const ImageReport& report) {
  Entry& entry = entries_.at(report.image);
  if (entry.rank < 0) {
    ++done_;
  } else if (entry.status != ImageStatus::ok) {
    --failed_;
  }
  if (report.status != ImageStatus::ok) {
    ++failed_;
  }
  entry = {rank,          report.matches,    report.keypoints, report.width,
           report.height, report.elapsed_ms, report.status};
  if (report.reason.empty()) {
    reasons_.erase(report.image);
  } else {
    reasons_[report.image] = report.reason;
  }
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

// Results of images, as the tests of those who keep or write them need them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::test {

inline PairOutcome outcome(std::uint32_t matches, std::uint32_t inliers = 0,
                           std::vector<double> model = {}) {
  return {matches, inliers, std::move(model), {}, {}};
}

inline ImageResult report_of(std::vector<PairOutcome> outcomes) {
  ImageResult report;
  report.outcomes = std::move(outcomes);
  return report;
}

inline ImageResult failure_of(std::string reason, ImageStatus status = ImageStatus::unreadable) {
  ImageResult report;
  report.status = status;
  report.reason = std::move(reason);
  return report;
}

}  // namespace bundle_match::test

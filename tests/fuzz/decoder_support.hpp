// What targets share that hold a reader of images against OpenCV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz_support.hpp"

#include <opencv2/core/mat.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <cstdio>
#include <string>

namespace bundle_match::fuzz {

/// Neither OpenCV nor libjpeg and libpng, which write to `stderr`, say anything from now on. What
/// libFuzzer writes goes where it did.
inline void be_quiet() {
  static const bool quiet = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    stderr = std::fopen("/dev/null", "w");
    return true;
  }();
  (void)quiet;
}

inline bool is_the_same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && a.isContinuous() && b.isContinuous() &&
         std::equal(a.datastart, a.dataend, b.datastart, b.dataend);
}

/// Ends the process unless cv::imread reads these pixels.
inline void require_as_imread(const cv::Mat& pixels, const std::string& path) {
  const cv::Mat theirs = cv::imread(path, cv::IMREAD_GRAYSCALE);
  require(!theirs.empty(), "what OpenCV refuses is left to it");
  require(is_the_same(pixels, theirs), "the pixels are those of OpenCV");
}

}  // namespace bundle_match::fuzz

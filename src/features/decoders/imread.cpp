// The one call of libopencv_imgcodecs, in a library of its own (features/opencv_reader.cpp loads
// it).
// SPDX-License-Identifier: Apache-2.0
#include <opencv2/core/mat.hpp>
#include <opencv2/imgcodecs.hpp>

#include <string>

// By a name that dlsym() finds.
extern "C" void bundle_match_imread(const std::string& path, cv::Mat& pixels) {
  pixels = cv::imread(path, cv::IMREAD_GRAYSCALE);
}

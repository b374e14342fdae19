// cv::SIFT in our types.
// SPDX-License-Identifier: Apache-2.0
#include "opencv_sift.hpp"

#include <opencv2/features2d.hpp>

#include <cstdint>

namespace bundle_match::features {

OpenCv this_opencv() {
  if (CV_VERSION_MAJOR != 4 || CV_VERSION_MINOR != 6) {
    return OpenCv::blurs_otherwise;
  }
  return cv::checkHardwareSupport(CV_CPU_AVX512_SKX) ? OpenCv::is_the_model
                                                     : OpenCv::rounds_angles_otherwise;
}

Features run_opencv(int nfeatures, const cv::Mat& image) {
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
  cv::SIFT::create(nfeatures, 3, 0.04, 10, 1.6, CV_8U)
      ->detectAndCompute(image, cv::noArray(), keypoints, descriptors);
  Features features;
  for (const cv::KeyPoint& keypoint : keypoints) {
    features.keypoints.push_back({keypoint.pt.x, keypoint.pt.y, keypoint.size, keypoint.angle,
                                  keypoint.response, keypoint.octave});
  }
  for (int i = 0; i < descriptors.rows; ++i) {
    const auto* row = descriptors.ptr<std::uint8_t>(i);
    features.descriptors.insert(features.descriptors.end(), row, row + kSiftDescriptorBytes);
  }
  return features;
}

cv::Mat as_mat(const Scene& scene) {
  return cv::Mat(scene.height, scene.width, CV_8U, const_cast<std::uint8_t*>(scene.pixels.data()))
      .clone();
}

GreyView as_view(const cv::Mat& image) {
  return {image.data, image.cols, image.rows, static_cast<std::ptrdiff_t>(image.step)};
}

}  // namespace bundle_match::features

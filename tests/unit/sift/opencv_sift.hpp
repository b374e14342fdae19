// cv::SIFT in our types, to compare with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scenes.hpp"

#include <opencv2/core.hpp>

namespace bundle_match::features {

[[nodiscard]] Features run_opencv(int nfeatures, const cv::Mat& image);
[[nodiscard]] cv::Mat as_mat(const Scene& scene);
[[nodiscard]] GreyView as_view(const cv::Mat& image);

}  // namespace bundle_match::features

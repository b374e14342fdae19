// The first stage at which two results of SIFT differ.
// SPDX-License-Identifier: Apache-2.0
#include "stages.hpp"

#include "kernels.hpp"
#include "layer_stream.hpp"
#include "opencv_sift.hpp"
#include "pyramid_plan.hpp"
#include "variants.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>

namespace bundle_match::features {
namespace {

/// Copies a stream's rows into whole layers.
class Collector final : public sift::RowListener {
 public:
  Collector(int layers, const sift::Size& size) : planes(static_cast<std::size_t>(layers)) {
    for (cv::Mat& plane : planes) {
      plane.create(size.height, size.width, CV_32F);
    }
  }
  void on_row(int layer, int y, const float* row, int x0, int x1) override {
    std::copy(row, row + (x1 - x0), planes[static_cast<std::size_t>(layer)].ptr<float>(y) + x0);
  }
  std::vector<cv::Mat> planes;
};

/// The blurred layers of an octave as OpenCV's blur makes them, from the octave's first layer.
std::vector<cv::Mat> opencv_layers(const cv::Mat& first, int layers) {
  std::vector<cv::Mat> planes{first};
  const double step = std::pow(2., 1. / layers);
  for (int i = 1; i < layers + 3; ++i) {
    const double before = std::pow(step, static_cast<double>(i - 1)) * 1.6;
    const double after = before * step;
    const double sigma = std::sqrt(after * after - before * before);
    cv::Mat next;
    cv::GaussianBlur(planes.back(), next, cv::Size(), sigma, sigma);
    planes.push_back(next);
  }
  return planes;
}

cv::Mat opencv_first(const cv::Mat& image) {
  cv::Mat pixels, doubled, first;
  image.convertTo(pixels, CV_32F);
  cv::resize(pixels, doubled, cv::Size(image.cols * 2, image.rows * 2), 0, 0, cv::INTER_LINEAR);
  const double sigma = static_cast<double>(std::sqrt(1.6F * 1.6F - 1.0F));
  cv::GaussianBlur(doubled, first, cv::Size(), sigma, sigma);
  return first;
}

std::string compare_planes(int octave, const std::vector<cv::Mat>& expected,
                           const std::vector<cv::Mat>& actual) {
  for (std::size_t layer = 0; layer < expected.size(); ++layer) {
    for (int y = 0; y < expected[layer].rows; ++y) {
      const auto* a = expected[layer].ptr<float>(y);
      const auto* b = actual[layer].ptr<float>(y);
      const auto x = std::mismatch(a, a + expected[layer].cols, b).first - a;
      if (x < expected[layer].cols) {
        std::ostringstream text;
        text << std::hexfloat << "pyramid level: octave " << octave << " layer " << layer << " at ("
             << x << ", " << y << "): " << b[x] << " instead of " << a[x];
        return text.str();
      }
    }
  }
  return {};
}

/// Runs both searches for extrema over the differences of an octave's layers.
std::string compare_candidates(int octave, const std::vector<cv::Mat>& layers,
                               const sift::KernelTable& kernels) {
  std::vector<cv::Mat> differences;
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    // Kernels may read past a row's end, and before its start.
    cv::Mat padded(layers[i].rows, layers[i].cols + 2 * sift::kRowSlack, CV_32F, cv::Scalar(0));
    const cv::Rect inner(sift::kRowSlack, 0, layers[i].cols, layers[i].rows);
    padded(inner) = layers[i + 1] - layers[i];
    differences.push_back(padded(inner));
  }
  const int count = static_cast<int>(differences.size()) - 2;
  const int width = layers[0].cols, x0 = sift::kImageBorder, x1 = width - sift::kImageBorder;
  std::vector<int> expected(static_cast<std::size_t>(width * count)), actual(expected.size());
  const std::vector<std::uint8_t> busy(static_cast<std::size_t>(width), 1);
  for (int y = sift::kImageBorder; x0 < x1 && y < layers[0].rows - sift::kImageBorder; ++y) {
    std::vector<const float*> rows;
    for (const cv::Mat& difference : differences) {
      for (int i = -1; i <= 1; ++i) {
        rows.push_back(difference.ptr<float>(y + i));
      }
    }
    int counts[2][sift::kMostLayers];
    sift::plain_kernels().find_extrema(rows.data(), busy.data(), count, x0, x1, 1.0F,
                                       expected.data(), counts[0]);
    kernels.find_extrema(rows.data(), busy.data(), count, x0, x1, 1.0F, actual.data(), counts[1]);
    for (int layer = 0; layer < count; ++layer) {
      const auto first = static_cast<std::ptrdiff_t>(layer) * (x1 - x0);
      if (counts[0][layer] != counts[1][layer] ||
          !std::equal(expected.begin() + first, expected.begin() + first + counts[0][layer],
                      actual.begin() + first)) {
        return "candidate: octave " + std::to_string(octave) + " layer " +
               std::to_string(layer + 1) + " row " + std::to_string(y);
      }
    }
  }
  return {};
}

std::string compare_layers(const cv::Mat& image, std::string_view name) {
  const sift::PyramidPlan plan{SiftOptions{}};
  const sift::KernelTable& kernels = sift::find_variant(name)->table();
  const GreyView view = as_view(image);
  cv::Mat first = opencv_first(image);
  int octave = 0;
  for (const sift::Size& size : plan.octaves(image.cols, image.rows)) {
    sift::OctaveSource source{octave == 0 ? &view : nullptr, first.ptr<float>(),
                              static_cast<std::ptrdiff_t>(first.step1()), size};
    sift::StreamRequest request;
    request.area = {0, size.width, 0, size.height};
    request.top = plan.blurred_layers() - 1;
    sift::Arena arena;
    sift::LayerStream stream(plan, kernels);
    Collector collector(plan.blurred_layers(), size);
    stream.start(source, request, &collector, arena);
    stream.advance(size.height);
    const std::vector<cv::Mat> expected = opencv_layers(first, plan.layers());
    std::string difference = compare_planes(octave, expected, collector.planes);
    if (difference.empty()) {
      difference = compare_candidates(octave, expected, kernels);
    }
    if (!difference.empty()) {
      return difference;
    }
    cv::resize(expected[static_cast<std::size_t>(plan.layers())], first,
               cv::Size(size.width / 2, size.height / 2), 0, 0, cv::INTER_NEAREST);
    ++octave;
  }
  return {};
}

auto without_angle(const SiftKeypoint& k) {
  return std::make_tuple(k.x, k.y, k.size, k.response, k.octave);
}

std::string describe(const SiftKeypoint& k) {
  std::ostringstream text;
  text << "(" << k.x << ", " << k.y << ") size " << k.size << " angle " << k.angle << " response "
       << k.response << " octave " << std::hex << k.octave;
  return text.str();
}

/// The first keypoint that only one of two sorted lists has.
template <typename Key>
std::string lone_keypoint(std::vector<SiftKeypoint> a, std::vector<SiftKeypoint> b, Key key) {
  const auto less = [&](const SiftKeypoint& p, const SiftKeypoint& q) { return key(p) < key(q); };
  std::sort(a.begin(), a.end(), less);
  std::sort(b.begin(), b.end(), less);
  const auto equal = [&](const SiftKeypoint& p, const SiftKeypoint& q) { return key(p) == key(q); };
  const auto [p, q] = std::mismatch(a.begin(), a.end(), b.begin(), b.end(), equal);
  if (p == a.end() && q == b.end()) {
    return {};
  }
  return (p == a.end() ? "none" : describe(*p)) + " became " +
         (q == b.end() ? "none" : describe(*q));
}

bool are_close(const SiftKeypoint& a, const SiftKeypoint& b) {
  const float turn = std::abs(a.angle - b.angle);
  return std::hypot(a.x - b.x, a.y - b.y) < 0.01F && std::abs(a.size - b.size) < 0.01F &&
         std::min(turn, 360 - turn) < 0.1F;
}

}  // namespace

std::string first_difference(const cv::Mat& image, std::string_view kernels,
                             const Features& expected, const Features& actual) {
  if (expected == actual) {
    return {};
  }
  std::string lone = lone_keypoint(expected.keypoints, actual.keypoints, without_angle);
  if (!lone.empty()) {
    const std::string layers = compare_layers(image, kernels);
    return layers.empty() ? "refinement: " + lone : layers;
  }
  const auto with_angle = [](const SiftKeypoint& k) {
    return std::make_tuple(k.x, k.y, k.size, k.response, k.angle);
  };
  lone = lone_keypoint(expected.keypoints, actual.keypoints, with_angle);
  if (!lone.empty()) {
    return "orientation: " + lone;
  }
  for (std::size_t i = 0; i < expected.keypoints.size(); ++i) {
    if (expected.keypoints[i] != actual.keypoints[i]) {
      return "order: from place " + std::to_string(i) + " on";
    }
  }
  const auto at = std::mismatch(expected.descriptors.begin(), expected.descriptors.end(),
                                actual.descriptors.begin(), actual.descriptors.end())
                      .first -
                  expected.descriptors.begin();
  return "descriptor: byte " + std::to_string(at % kSiftDescriptorBytes) + " of keypoint " +
         std::to_string(at / kSiftDescriptorBytes);
}

bool differ_in_roundings_alone(const Features& a, const Features& b) {
  constexpr float kAngle = 0.001F;
  constexpr int kByte = 1;
  // A pattern that repeats has the same one in some places.
  const std::size_t most = 4 + a.keypoints.size() / 1000;
  std::size_t others = 0;
  if (a.keypoints.size() != b.keypoints.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.keypoints.size(); ++i) {
    const auto* const bytes = a.descriptors.data() + i * kSiftDescriptorBytes;
    const auto* const other_bytes = b.descriptors.data() + i * kSiftDescriptorBytes;
    const bool are_near = without_angle(a.keypoints[i]) == without_angle(b.keypoints[i]) &&
                          std::abs(a.keypoints[i].angle - b.keypoints[i].angle) < kAngle &&
                          std::equal(bytes, bytes + kSiftDescriptorBytes, other_bytes,
                                     [](int x, int y) { return std::abs(x - y) <= kByte; });
    if (!are_near) {
      return false;
    }
    const bool are_equal = a.keypoints[i] == b.keypoints[i] &&
                           std::equal(bytes, bytes + kSiftDescriptorBytes, other_bytes);
    others += are_equal ? 0 : 1;
  }
  return others <= most;
}

std::string difference_from_opencv(const cv::Mat& image, std::string_view kernels,
                                   const Features& opencv, const Features& ours) {
  switch (this_opencv()) {
    case OpenCv::is_the_model:
      return first_difference(image, kernels, opencv, ours);
    case OpenCv::rounds_angles_otherwise:
      return differ_in_roundings_alone(opencv, ours)
                 ? ""
                 : first_difference(image, kernels, opencv, ours);
    case OpenCv::blurs_otherwise:
      break;
  }
  if (opencv.keypoints.size() != ours.keypoints.size()) {
    return std::to_string(ours.keypoints.size()) + " keypoints instead of " +
           std::to_string(opencv.keypoints.size());
  }
  for (const SiftKeypoint& keypoint : opencv.keypoints) {
    if (std::none_of(ours.keypoints.begin(), ours.keypoints.end(),
                     [&](const SiftKeypoint& other) { return are_close(keypoint, other); })) {
      return "nothing like " + describe(keypoint);
    }
  }
  return {};
}

}  // namespace bundle_match::features

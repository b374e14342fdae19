// Estimates the model by OpenCV's USAC; finds the inliers and judges their number itself.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/geometry/verification.hpp"

#include "chance.hpp"
#include "errors.hpp"

#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <optional>
#include <tuple>

namespace bundle_match::geometry {
namespace {

// Beyond, floats are coarser than a pixel, and products of three lose what doubles have.
constexpr float kLargestCoordinate = 1 << 24;

bool is_usable(const PointPair& pair) {
  const auto in_range = [](float x) { return std::abs(x) <= kLargestCoordinate; };  // not NaN
  return in_range(pair.reference_x) && in_range(pair.reference_y) && in_range(pair.image_x) &&
         in_range(pair.image_y);
}

// SIFT describes a point once for every orientation it has: the same pair twice is no more evidence
// than once. In the order of the first of each.
std::vector<PointPair> distinct_pairs(std::span<const PointPair> points) {
  const auto key = [&](std::uint32_t i) {
    const PointPair& pair = points[i];
    return std::tuple(pair.reference_x, pair.reference_y, pair.image_x, pair.image_y);
  };
  std::vector<std::uint32_t> order(points.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(key(a), a) < std::tuple(key(b), b);
  });
  order.erase(std::unique(order.begin(), order.end(),
                          [&](std::uint32_t a, std::uint32_t b) { return key(a) == key(b); }),
              order.end());
  std::sort(order.begin(), order.end());
  std::vector<PointPair> pairs;
  pairs.reserve(order.size());
  for (const std::uint32_t i : order) {
    pairs.push_back(points[i]);
  }
  return pairs;
}

// Chosen on the pairs of one scene in opencv-doc, 6 seeds: local optimization by MAGSAC++ finds as
// many inliers as others do (the inner and iterative one, graph cut), within 3 %, for homographies
// in the least time; more steps than these change nothing there. Graph cut and progressive NAPSAC
// lost up to 18 % of a scene's inliers with some seeds. PROSAC wants the pairs by quality.
cv::UsacParams usac_parameters(const VerifyOptions& options) {
  cv::UsacParams parameters;
  parameters.score = cv::SCORE_METHOD_MAGSAC;
  parameters.loMethod = cv::LOCAL_OPTIM_SIGMA;
  parameters.loIterations = 10;
  parameters.loSampleSize = 50;
  parameters.sampler = cv::SAMPLING_UNIFORM;
  parameters.neighborsSearch = cv::NEIGH_GRID;
  parameters.isParallel = false;
  parameters.confidence = 0.999;
  // Of 1500 pairs, 1 in 10 on a plane, 20,000 find the plane 13 times in 15, in 5 ms; 10,000 did 8
  // times. Of a scene with 3 in 10, 2,000 find it always, in 6 ms; 5,000 took 2.5 times as long and
  // did little for one with 2 in 10 (9 times in 15 instead of 8).
  parameters.maxIterations = options.model == Verification::homography ? 20000 : 2000;
  parameters.threshold = options.max_error_px;
  // All bits of the seed count; USAC adds to the state, which must not overflow.
  const std::uint64_t folded = options.seed ^ (options.seed >> 30) ^ (options.seed >> 60);
  parameters.randomGeneratorState = static_cast<int>(folded & 0x3fffffff);
  return parameters;
}

// The model as OpenCV returns it, in doubles; nothing if there is none.
std::optional<Model> estimate(std::span<const PointPair> pairs, const VerifyOptions& options) {
  std::vector<cv::Point2f> reference;
  std::vector<cv::Point2f> image;
  for (const PointPair& pair : pairs) {
    reference.emplace_back(pair.reference_x, pair.reference_y);
    image.emplace_back(pair.image_x, pair.image_y);
  }
  const cv::UsacParams parameters = usac_parameters(options);
  cv::Mat mask;
  const cv::Mat found = options.model == Verification::homography
                            ? cv::findHomography(reference, image, mask, parameters)
                            : cv::findFundamentalMat(reference, image, mask, parameters);
  if (found.rows != 3 || found.cols != 3) {
    return std::nullopt;
  }
  cv::Mat_<double> doubles;
  found.convertTo(doubles, CV_64F);
  Model model;
  std::copy(doubles.begin(), doubles.end(), model.begin());
  return model;
}

// Scales the model as Verified::model states; false if that is not possible.
bool normalise(Verification kind, Model& model) {
  const double norm = std::sqrt(std::inner_product(model.begin(), model.end(), model.begin(), 0.0));
  const double largest = *std::max_element(
      model.begin(), model.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  // A homography whose last entry is tiny takes the corner of the reference to infinity.
  const double scale = kind == Verification::homography ? model[8] : std::copysign(norm, largest);
  if (!std::isfinite(norm) || norm == 0 || std::abs(scale) < 1e-12 * norm) {
    return false;
  }
  for (double& entry : model) {
    entry /= scale;
  }
  return true;
}

// Standard deviation across the line that fits the points best.
double width(const std::vector<cv::Point2d>& points) {
  const auto n = static_cast<double>(points.size());
  const cv::Point2d mean = std::accumulate(points.begin(), points.end(), cv::Point2d()) * (1 / n);
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (const cv::Point2d& point : points) {
    const cv::Point2d d = point - mean;
    xx += d.x * d.x / n;
    xy += d.x * d.y / n;
    yy += d.y * d.y / n;
  }
  const double smaller = (xx + yy) / 2 - std::hypot((xx - yy) / 2, xy);
  return std::sqrt(std::max(smaller, 0.0));
}

// Whether the inliers are more than a line, which leaves the model open.
bool is_determined(Verification kind, const Model& model, std::span<const PointPair> pairs,
                   double max_squared) {
  std::vector<cv::Point2d> reference;
  std::vector<cv::Point2d> image;
  for (const PointPair& pair : pairs) {
    if (squared_error(kind, model, pair) <= max_squared) {
      reference.emplace_back(pair.reference_x, pair.reference_y);
      image.emplace_back(pair.image_x, pair.image_y);
    }
  }
  constexpr double kLeastWidthPx = 1;
  return !reference.empty() && width(reference) >= kLeastWidthPx && width(image) >= kLeastWidthPx;
}

// Of opencv-doc's photographs, with and without the ratio test, the six pairs of one scene have at
// most 10^-24 false alarms, models of 8 inliers or more of unrelated ones at least 0.2.
constexpr double kMostFalseAlarmsLog10 = -3;

Verified verify_unguarded(std::span<const PointPair> points, const VerifyOptions& options) {
  const std::vector<PointPair> pairs = distinct_pairs(points);
  if (pairs.size() <= static_cast<std::size_t>(sample_size(options.model))) {
    return {};
  }
  const double max_squared = options.max_error_px * options.max_error_px;
  std::optional<Model> model = estimate(pairs, options);
  if (!model || !normalise(options.model, *model) ||
      !is_determined(options.model, *model, pairs, max_squared) ||
      !(log10_false_alarms(options.model, *model, pairs, options.max_error_px) <=
        kMostFalseAlarmsLog10)) {
    return {};
  }
  Verified verified;
  verified.model = *model;
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    if (squared_error(options.model, *model, points[i]) <= max_squared) {
      verified.inliers.push_back(i);
    }
  }
  return verified;
}

}  // namespace

Verified verify(std::span<const PointPair> points, const VerifyOptions& options) {
  const bool has_error = options.max_error_px > 0 && std::isfinite(options.max_error_px);
  if (options.model == Verification::none || !has_error ||
      !std::all_of(points.begin(), points.end(), is_usable)) {
    return {};
  }
  try {
    return verify_unguarded(points, options);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) {
      throw std::bad_alloc();
    }
    return {};  // OpenCV found no model
  }
}

}  // namespace bundle_match::geometry

// Pixels from the file, features from the set of references, the cache or SIFT.
// SPDX-License-Identifier: Apache-2.0
#include "picture_maker.hpp"

#include "matched_points.hpp"
#include "stopwatch.hpp"

#include <opencv2/core.hpp>

#include <utility>
#include <vector>

namespace bundle_match::compute {
namespace {

std::vector<drawing::DrawnMatch> to_draw(const std::vector<MatchedPoints>& points) {
  std::vector<drawing::DrawnMatch> matches;
  matches.reserve(points.size());
  for (const MatchedPoints& at : points) {
    matches.push_back({{at.reference_x, at.reference_y}, {at.image_x, at.image_y}, at.inlier});
  }
  return matches;
}

}  // namespace

PictureAnswer PictureMaker::draw(const ComputeOrder& order, const DrawWork& work,
                                 OrderResult& result) {
  const Stopwatch watch;
  PictureAnswer answer;
  guard(result, [&] { answer.bytes = draw_unguarded(order, work, result); });
  result.elapsed_ms = {0, 0, watch.milliseconds()};
  return answer;
}

PictureAnswer PictureMaker::thumbnail(const ComputeOrder& order, OrderResult& result) {
  const Stopwatch watch;
  PictureAnswer answer;
  guard(result, [&] {
    if (const cv::Mat pixels = read(image_path(order), result); !pixels.empty()) {
      answer.bytes = drawing::thumbnail(pixels, kThumbnail_px);
    }
  });
  result.elapsed_ms = {0, 0, watch.milliseconds()};
  return answer;
}

std::string PictureMaker::draw_unguarded(const ComputeOrder& order, const DrawWork& work,
                                         OrderResult& result) {
  if (!look_at_reference(work, result)) {
    return {};
  }
  const bool with_features = work.points.empty();
  const auto image = look_at(order, work.described, with_features, result);
  if (!image) {
    return {};
  }
  std::vector<MatchedPoints> points = work.points;
  if (with_features) {
    const features::DescribedView of_reference = reference_->features();
    const features::DescribedView of_image = image->features();
    result.keypoints = static_cast<std::uint32_t>(of_image.keypoints.size());
    points = matched_points(matcher_.match_pair(of_image, of_reference), of_reference, of_image);
  }
  return drawing::encode(drawing::draw_matches(reference_->panel, image->panel, to_draw(points)),
                         work.format);
}

// False, and a status in the result, if the reference is bad. Its size is not the image's.
bool PictureMaker::look_at_reference(const DrawWork& work, OrderResult& result) {
  const bool with_features = work.points.empty();
  if (reference_ && reference_path_ == work.reference_path &&
      (reference_->has_features || !with_features)) {
    return true;
  }
  ComputeOrder order;
  order.path = work.reference_path;
  OrderResult about_reference;
  reference_ = look_at(order, work.reference, with_features, about_reference);
  reference_path_ = work.reference_path;
  if (!reference_) {
    result.status = about_reference.status;
    result.not_found = about_reference.not_found;
    result.reason = std::move(about_reference.reason);
  }
  return reference_.has_value();
}

// Nothing, and a status in the result, if the image is bad.
std::optional<PictureMaker::Side> PictureMaker::look_at(const ComputeOrder& order,
                                                        std::optional<ReferenceIndex> in_set,
                                                        bool with_features, OrderResult& result) {
  Side side;
  side.has_features = with_features;
  const features::FeatureSet& set = matcher_.references();
  if (in_set && set.contains(*in_set)) {
    side.in_set = set[*in_set];
  }
  cv::Mat pixels;
  if (with_features && side.in_set.view.keypoints.empty()) {
    // What would go into the cache, and times and sizes, are of no interest.
    OrderResult about_features;
    DescribedFile described = describer_.describe(order, about_features);
    if (about_features.status != ImageStatus::ok) {
      result.status = about_features.status;
      result.not_found = about_features.not_found;
      result.reason = std::move(about_features.reason);
      return std::nullopt;
    }
    pixels = described.pixels;
    side.described = std::move(described.image);
  }
  if (pixels.empty() && (pixels = read(image_path(order), result)).empty()) {
    return std::nullopt;
  }
  side.panel = drawing::make_panel(pixels);
  return side;
}

cv::Mat PictureMaker::read(const std::string& path, OrderResult& result) const {
  return is_missing(path, result) ? cv::Mat()
                                  : describer_.read(path, features::read_header(path), result);
}

}  // namespace bundle_match::compute

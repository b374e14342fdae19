// Pixels from the file, features from the set of references, the cache or SIFT.
// SPDX-License-Identifier: Apache-2.0
#include "picture_maker.hpp"

#include "bundle_match/features/image_reader.hpp"
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

void PictureMaker::make(const ImageOrder& order, ImageReport& report) {
  const Stopwatch watch;
  guard(report, [&] {
    if (order.action == ImageOrder::Action::draw) {
      draw(order, report);
    } else if (const cv::Mat pixels = read(order.path, report); !pixels.empty()) {
      report.thumbnail = drawing::thumbnail(pixels, kThumbnail_px);
    }
  });
  report.elapsed_ms = {0, 0, watch.milliseconds()};
}

void PictureMaker::draw(const ImageOrder& order, ImageReport& report) {
  const bool with_features = order.points.empty();
  if (!reference_ || reference_path_ != order.reference_path ||
      (with_features && !reference_->has_features)) {
    ImageReport about_reference;
    reference_ =
        look_at(order.reference_path, order.references.first, with_features, about_reference);
    reference_path_ = order.reference_path;
    if (!reference_) {
      report.status = about_reference.status;
      report.reason = std::move(about_reference.reason);
      return;
    }
  }
  const auto image = look_at(order.path, order.described, with_features, report);
  if (!image) {
    return;
  }
  std::vector<MatchedPoints> points = order.points;
  if (with_features) {
    const features::DescribedView of_reference = reference_->features();
    const features::DescribedView of_image = image->features();
    report.keypoints = static_cast<std::uint32_t>(of_image.keypoints.size());
    points = matched_points(matcher_.match_pair(of_image, of_reference), of_reference, of_image);
  }
  report.picture =
      drawing::encode(drawing::draw_matches(reference_->panel, image->panel, to_draw(points)),
                      order.picture_format);
}

// Nothing, and a status in the report, if the image is bad.
std::optional<PictureMaker::Side> PictureMaker::look_at(const std::string& path,
                                                        ReferenceIndex in_set, bool with_features,
                                                        ImageReport& report) {
  Side side;
  side.has_features = with_features;
  const features::FeatureSet& set = matcher_.references();
  if (in_set < set.size()) {
    side.in_set = set[in_set];
  }
  cv::Mat pixels;
  if (with_features && side.in_set.keypoints.empty()) {
    ImageReport described;  // what would go into the cache is of no interest
    ImageOrder order;
    order.path = path;
    side.described = describer_.describe(order, described, &pixels);
    if (described.status != ImageStatus::ok) {
      report.status = described.status;
      report.reason = std::move(described.reason);
      return std::nullopt;
    }
  }
  if (pixels.empty() && (pixels = read(path, report)).empty()) {
    return std::nullopt;
  }
  side.panel = drawing::make_panel(pixels);
  return side;
}

cv::Mat PictureMaker::read(const std::string& path, ImageReport& report) const {
  if (auto reason = features::why_not_a_file(path)) {
    report.status = ImageStatus::unreadable;
    report.reason = std::move(*reason);
    return {};
  }
  return describer_.read(path, report);
}

}  // namespace bundle_match::compute

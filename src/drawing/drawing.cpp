// Panels, lines and dots, drawn by OpenCV.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/drawing/drawing.hpp"

#include "picture_encoding.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace bundle_match::drawing {
namespace {

constexpr int kGap_px = 8;
constexpr int kPanelWidth_px = (kMostPictureWidth_px - kGap_px) / 2;

constexpr int kJpegQuality = 90;
constexpr int kThumbnailQualities[] = {75, 50, 25, 10};

// More than that hide the images and each other.
constexpr std::size_t kMostInlierLines = 120;
constexpr std::size_t kMostOtherLines = 120;

// Orange and blue of Okabe and Ito: told apart by all kinds of colour vision, and by lightness.
const cv::Scalar kInlierColour(0, 159, 230);
const cv::Scalar kOtherColour(233, 180, 86);
const cv::Scalar kBackground(48, 48, 48);
constexpr double kInlierOpacity = 0.75;
constexpr double kDotOpacity = 0.9;
constexpr double kOtherOpacity = 0.55;
// The images step back a little behind what is drawn.
constexpr double kImageBrightness = 0.65;

// cv::line takes fractions of pixels as integers.
constexpr int kFractionBits = 4;

cv::Mat shrink_to_fit(const cv::Mat& grey, int width, int height, int interpolation) {
  const double scale =
      std::min(static_cast<double>(width) / grey.cols, static_cast<double>(height) / grey.rows);
  if (scale >= 1) {
    return grey;
  }
  const auto scaled = [scale](int side) {
    return std::max(1, static_cast<int>(std::lround(scale * side)));
  };
  cv::Mat small;
  cv::resize(grey, small, {scaled(grey.cols), scaled(grey.rows)}, 0, 0, interpolation);
  return small;
}

// As shrink_to_fit(), at a fifth of its cost: halves, of which each pixel is the mean of four, then
// the rest. The smoothing is not exactly that of the area.
cv::Mat shrink_quickly(const cv::Mat& grey, int longest_px) {
  cv::Mat half = grey;
  while (std::max(half.cols, half.rows) >= 2 * longest_px && std::min(half.cols, half.rows) > 1) {
    cv::Mat next;
    cv::resize(half, next, {half.cols / 2, half.rows / 2}, 0, 0, cv::INTER_LINEAR);
    half = next;
  }
  return shrink_to_fit(half, longest_px, longest_px, cv::INTER_LINEAR);
}

// Where a panel stands in the picture.
class PlacedPanel {
 public:
  PlacedPanel(const Panel& panel, cv::Point corner)
      : corner_(corner),
        scale_x_(static_cast<double>(panel.pixels.cols) / panel.original.width),
        scale_y_(static_cast<double>(panel.pixels.rows) / panel.original.height),
        right_(panel.pixels.cols - 1),
        bottom_(panel.pixels.rows - 1) {}

  // A position in the original, in the units of cv::line; within the panel, wherever it was.
  [[nodiscard]] cv::Point operator()(cv::Point2f at) const {
    return {units(corner_.x, (double{at.x} + 0.5) * scale_x_ - 0.5, right_),
            units(corner_.y, (double{at.y} + 0.5) * scale_y_ - 0.5, bottom_)};
  }

 private:
  static int units(int corner, double at, int last) {
    const double within = at >= 0 ? std::min(at, static_cast<double>(last)) : 0;  // NaN: 0
    return static_cast<int>(std::lround((corner + within) * (1 << kFractionBits)));
  }

  cv::Point corner_;
  double scale_x_;
  double scale_y_;
  int right_;
  int bottom_;
};

struct Line {
  cv::Point from;
  cv::Point to;
};

void blend(cv::Mat& picture, const cv::Mat& drawn, double opacity) {
  cv::addWeighted(drawn, opacity, picture, 1 - opacity, 0, picture);
}

void draw_lines(cv::Mat& picture, const std::vector<Line>& lines, std::size_t most,
                const cv::Scalar& colour, double opacity) {
  const std::size_t drawn = std::min(lines.size(), most);
  cv::Mat layer = picture.clone();
  for (std::size_t i = 0; i < drawn; ++i) {
    const Line& line = lines[i * lines.size() / drawn];
    cv::line(layer, line.from, line.to, colour, 1, cv::LINE_AA, kFractionBits);
  }
  blend(picture, layer, opacity);
}

void draw_dots(cv::Mat& picture, const std::vector<Line>& lines, double radius_px,
               const cv::Scalar& colour, double opacity) {
  const int radius = static_cast<int>(std::lround(radius_px * (1 << kFractionBits)));
  cv::Mat layer = picture.clone();
  for (const Line& line : lines) {
    for (const cv::Point end : {line.from, line.to}) {
      cv::circle(layer, end, radius, colour, cv::FILLED, cv::LINE_AA, kFractionBits);
    }
  }
  blend(picture, layer, opacity);
}

// Puts the panel into the picture.
void show(cv::Mat& picture, const Panel& panel, cv::Point corner) {
  cv::Mat bgr;
  cv::cvtColor(panel.pixels, bgr, cv::COLOR_GRAY2BGR);
  bgr.convertTo(picture(cv::Rect(corner, panel.pixels.size())), CV_8U, kImageBrightness);
}

}  // namespace

std::string thumbnail(const cv::Mat& grey, int longest_px) {
  const cv::Mat small = shrink_quickly(grey, longest_px);
  std::string bytes;
  for (const int quality : kThumbnailQualities) {
    bytes = encode_jpeg(small, quality);
    if (bytes.size() <= kMostThumbnailBytes) {
      return bytes;
    }
  }
  return encode_jpeg(shrink_quickly(grey, longest_px / 2), kThumbnailQualities[0]);
}

Panel make_panel(const cv::Mat& grey) {
  return {shrink_to_fit(grey, kPanelWidth_px, kMostPictureHeight_px, cv::INTER_AREA), grey.size()};
}

cv::Mat draw_matches(const Panel& reference, const Panel& image,
                     std::span<const DrawnMatch> matches) {
  const cv::Size left = reference.pixels.size();
  const cv::Size right = image.pixels.size();
  const int height = std::max(left.height, right.height);
  const cv::Point left_corner(0, (height - left.height) / 2);
  const cv::Point right_corner(left.width + kGap_px, (height - right.height) / 2);
  cv::Mat picture(height, left.width + kGap_px + right.width, CV_8UC3, kBackground);
  show(picture, reference, left_corner);
  show(picture, image, right_corner);
  const PlacedPanel in_reference(reference, left_corner);
  const PlacedPanel in_image(image, right_corner);
  std::vector<Line> inliers;
  std::vector<Line> others;
  for (const DrawnMatch& match : matches) {
    (match.inlier ? inliers : others)
        .push_back({in_reference(match.reference), in_image(match.image)});
  }
  draw_lines(picture, others, kMostOtherLines, kOtherColour, kOtherOpacity);
  draw_dots(picture, others, 1.5, kOtherColour, kDotOpacity);
  draw_lines(picture, inliers, kMostInlierLines, kInlierColour, kInlierOpacity);
  draw_dots(picture, inliers, 2, kInlierColour, kDotOpacity);
  return picture;
}

std::string encode(const cv::Mat& picture, PictureFormat format) {
  return format == PictureFormat::png ? encode_png(picture) : encode_jpeg(picture, kJpegQuality);
}

}  // namespace bundle_match::drawing

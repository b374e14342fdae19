// Pictures of a run, for its report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/work.hpp"
#include "bundle_match/report/report.hpp"
#include "output/picture_selection.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bundle_match::app {

struct Pictures {
  std::vector<report::Thumbnail> thumbnails;  ///< of the best images, then of the worst; best first
  std::vector<report::DrawnMatches> drawn;    ///< best first
};

/// Of what comes with the reports, the thumbnails of the best and of the worst images so far, and
/// the points to draw of the best pairs, whatever the order they come in.
class PictureKeeper {
 public:
  PictureKeeper(std::size_t best, std::size_t worst, std::size_t drawable = 0)
      : most_best_(best), most_worst_(worst), most_drawable_(drawable) {}

  [[nodiscard]] std::size_t most_best() const { return most_best_; }
  [[nodiscard]] std::size_t most_worst() const { return most_worst_; }

  /// Takes the answer's thumbnail and points, if it has any, by the best outcome of the image.
  void offer(ImageIndex image, const ImageResult& result, const MatchAnswer& answer,
             bool by_inliers);
  /// The JPEG; nullptr if it is not kept.
  [[nodiscard]] const std::string* find(const CountedImage& image) const;
  /// What is to be drawn of a pair; nullptr if it is not kept.
  [[nodiscard]] const std::vector<MatchedPoints>* points(const PictureTask& pair) const;

 private:
  using Jpeg = std::shared_ptr<const std::string>;

  std::size_t most_best_;
  std::size_t most_worst_;
  std::size_t most_drawable_;
  std::map<CountedImage, Jpeg> best_;
  std::map<CountedImage, Jpeg> worst_;
  std::map<CountedImage, DrawablePair> drawable_;
};

}  // namespace bundle_match::app

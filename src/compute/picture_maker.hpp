// Orders for pictures: thumbnails, and the matches of an image and a reference. Knows nothing of
// processes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/drawing/drawing.hpp"
#include "image_describer.hpp"
#include "pair_matcher.hpp"

#include <optional>
#include <string>

namespace bundle_match::compute {

/// Bad images are statuses; throws OutOfMemory and DecodersNeeded alone. Both referenced objects
/// must outlive it.
class PictureMaker {
 public:
  PictureMaker(ImageDescriber& describer, PairMatcher& matcher)
      : describer_(describer), matcher_(matcher) {}

  /// The matches of the order's image and a reference, or a status in the result. Features are
  /// taken from the set of references where it has them; an earlier run's pictures are drawn
  /// without it.
  [[nodiscard]] PictureAnswer draw(const ComputeOrder& order, const DrawWork& work,
                                   OrderResult& result);

  /// The order's image, made small, or a status in the result.
  [[nodiscard]] PictureAnswer thumbnail(const ComputeOrder& order, OrderResult& result);

  /// To be called when the set of references changes.
  void forget_reference() { reference_.reset(); }

 private:
  // One of the two images of a picture.
  struct Side {
    drawing::Panel panel;
    bool has_features = false;     // they were asked for
    features::MappedImage in_set;  // of the set of references, if that has the image
    std::optional<features::DescribedImage> described;  // else

    [[nodiscard]] features::DescribedView features() const {
      return described ? features::view(*described) : in_set.view;
    }
  };

  std::string draw_unguarded(const ComputeOrder& order, const DrawWork& work, OrderResult& result);
  [[nodiscard]] bool look_at_reference(const DrawWork& work, OrderResult& result);
  [[nodiscard]] std::optional<Side> look_at(const ComputeOrder& order,
                                            std::optional<ReferenceIndex> in_set,
                                            bool with_features, OrderResult& result);
  [[nodiscard]] cv::Mat read(const std::string& path, OrderResult& result) const;

  ImageDescriber& describer_;
  PairMatcher& matcher_;
  // The last one, with which many images may be drawn.
  std::string reference_path_;
  std::optional<Side> reference_;
};

}  // namespace bundle_match::compute

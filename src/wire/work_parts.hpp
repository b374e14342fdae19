// What both protocols have in common, for Boost.Serialization.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/work.hpp"
#include "texts.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bundle_match {

template <class Archive>
void serialize(Archive& archive, ReferenceRange& range, unsigned /*version*/) {
  archive& range.first& range.count;
}

template <class Archive>
void serialize(Archive& archive, ReferenceList& list, unsigned /*version*/) {
  if constexpr (Archive::is_loading::value) {
    std::vector<ReferenceRange> ranges;
    archive& ranges;
    try {
      list = ReferenceList(std::move(ranges));
    } catch (const std::invalid_argument& error) {
      throw wire::DecodeError(error.what());
    }
  } else {
    archive& list.ranges();
  }
}

template <class Archive>
void serialize(Archive& archive, MatchedPoints& points, unsigned /*version*/) {
  archive& points.reference_x& points.reference_y& points.image_x& points.image_y;
  archive& points.inlier;
}

template <class Archive>
void serialize(Archive& /*archive*/, DescribeWork& /*work*/, unsigned /*version*/) {}

template <class Archive>
void serialize(Archive& archive, MatchWork& work, unsigned /*version*/) {
  archive& work.references;
}

template <class Archive>
void serialize(Archive& archive, MatchDescribedWork& work, unsigned /*version*/) {
  archive& work.described& work.references;
}

template <class Archive>
void serialize(Archive& archive, DrawWork& work, unsigned /*version*/) {
  archive& work.reference& wire::path(work.reference_path) & work.described& work.format;
  archive& work.points;
}

template <class Archive>
void serialize(Archive& /*archive*/, ThumbnailWork& /*work*/, unsigned /*version*/) {}

template <class Archive>
void serialize(Archive& archive, StageTimes& times, unsigned /*version*/) {
  archive& times.read& times.sift& times.match;
}

template <class Archive>
void serialize(Archive& archive, MatchedRows& rows, unsigned /*version*/) {
  archive& rows.reference& rows.image;
}

template <class Archive>
void serialize(Archive& archive, PairOutcome& outcome, unsigned /*version*/) {
  archive& outcome.matches& outcome.inliers& outcome.model& outcome.matched;
  archive& outcome.inlier_positions;
}

template <class Archive>
void serialize(Archive& archive, DrawablePair& pair, unsigned /*version*/) {
  archive& pair.reference& pair.points;
}

template <class Archive>
void serialize(Archive& archive, StoredFeatures& stored, unsigned /*version*/) {
  archive& stored.file& stored.offset& stored.size_bytes;
}

template <class Archive>
void serialize(Archive& archive, FeatureHome& home, unsigned /*version*/) {
  archive& home.keeper& home.stored;
}

template <class Archive>
void serialize(Archive& archive, DescribeAnswer& answer, unsigned /*version*/) {
  archive& wire::bytes(answer.features) & answer.home;
}

// None is a pair of that reference, without points.
inline constexpr ReferenceIndex kNotDrawable(std::numeric_limits<std::uint32_t>::max());

template <class Archive>
void serialize(Archive& archive, MatchAnswer& answer, unsigned /*version*/) {
  archive& answer.outcomes& wire::bytes(answer.features) & wire::bytes(answer.thumbnail);
  DrawablePair none{kNotDrawable, {}};
  if constexpr (Archive::is_loading::value) {
    archive& answer.drawable.emplace();
    if (answer.drawable == none) {
      answer.drawable.reset();
    }
  } else {
    archive&(answer.drawable ? *answer.drawable : none);
  }
}

template <class Archive>
void serialize(Archive& archive, PictureAnswer& answer, unsigned /*version*/) {
  archive& wire::bytes(answer.bytes);
}

template <class Archive>
void serialize(Archive& archive, OrderResult& result, unsigned /*version*/) {
  archive& result.order& result.status& result.not_found& wire::reason(result.reason);
  archive& result.keypoints& result.width& result.height;
  archive& result.elapsed_ms& result.waited_ms& result.answer;
}

}  // namespace bundle_match

// Orders to a rank and their results. The messages between ranks and those between a rank and its
// compute process are made of these.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/image_status.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/core/reference_list.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match {

/// Extract the image's features. Answer: DescribeAnswer.
struct DescribeWork {
  friend bool operator==(const DescribeWork&, const DescribeWork&) = default;
};

/// Extract the image's features, and match it with these references. Answer: MatchAnswer.
struct MatchWork {
  ReferenceList references;

  friend bool operator==(const MatchWork&, const MatchWork&) = default;
};

/// Match an image of the set of references with others of it; no file is read. Answer:
/// MatchAnswer.
struct MatchDescribedWork {
  ReferenceIndex described;
  ReferenceList references;

  friend bool operator==(const MatchDescribedWork&, const MatchDescribedWork&) = default;
};

/// Draw the matches of the image and a reference. Answer: PictureAnswer.
struct DrawWork {
  ReferenceIndex reference;
  std::string reference_path;               ///< bytes, as the user gave them
  std::optional<ReferenceIndex> described;  ///< the image is this one of the references, too
  PictureFormat format = PictureFormat::jpeg;
  std::vector<MatchedPoints> points;  ///< if they are known; else they are computed

  friend bool operator==(const DrawWork&, const DrawWork&) = default;
};

/// Make a thumbnail of the image. Answer: PictureAnswer.
struct ThumbnailWork {
  friend bool operator==(const ThumbnailWork&, const ThumbnailWork&) = default;
};

using Work = std::variant<DescribeWork, MatchWork, MatchDescribedWork, DrawWork, ThumbnailWork>;

/// The answer to DescribeWork.
struct DescribeAnswer {
  std::string features;  ///< encoded (features/feature_codec.hpp)
  /// The host's store that has them: between ranks, if the images of the run are matched with each
  /// other.
  std::optional<FeatureHome> home = {};

  friend bool operator==(const DescribeAnswer&, const DescribeAnswer&) = default;
};

/// The answer to MatchWork and MatchDescribedWork.
struct MatchAnswer {
  std::vector<PairOutcome> outcomes;  ///< one for each reference of the order
  std::string features;   ///< encoded; only if MatchOptions::report_features and it was read
  std::string thumbnail;  ///< a JPEG; only if MatchOptions::report_pictures and it was read
  /// Likewise, if the image may be among the best of the run.
  std::optional<DrawablePair> drawable;

  friend bool operator==(const MatchAnswer&, const MatchAnswer&) = default;
};

/// The answer to DrawWork and ThumbnailWork.
struct PictureAnswer {
  std::string bytes;  ///< of a file

  friend bool operator==(const PictureAnswer&, const PictureAnswer&) = default;
};

/// The result of one order.
struct OrderResult {
  OrderId order;
  ImageStatus status = ImageStatus::ok;
  /// Of an unreadable image: there is no such file where it was looked for. Another rank may see
  /// it.
  bool not_found = false;
  std::string reason;  ///< why not ok, or what the decoder complained of
  std::uint32_t keypoints = 0;
  std::uint32_t width = 0;   ///< pixels, after EXIF rotation; 0 if not known
  std::uint32_t height = 0;  ///< pixels
  StageTimes elapsed_ms;
  float waited_ms = 0;  ///< between describing and matching, until the references came
  /// Nothing if the status is not ok; else the answer to the order's work.
  std::variant<std::monostate, DescribeAnswer, MatchAnswer, PictureAnswer> answer;

  friend bool operator==(const OrderResult&, const OrderResult&) = default;
};

/// A compute process died of an order, and it is tried once more.
struct ProcessDied {
  OrderId order;
  std::string reason;

  friend bool operator==(const ProcessDied&, const ProcessDied&) = default;
};

/// How many references the work is matched with; 0 for work that matches nothing.
[[nodiscard]] std::size_t pairs_of(const Work& work);

/// The images that must have been described before the work: of MatchDescribedWork, the image and
/// then its references.
[[nodiscard]] std::vector<ReferenceIndex> images_needed_by(const Work& work);

/// Whether the work reads the image's file.
[[nodiscard]] bool reads_file(const Work& work);

/// About what the result takes in memory.
[[nodiscard]] std::uint64_t size_bytes(const OrderResult& result);

/// Why this cannot be the result of such work under these options: counts, positions and lengths
/// that contradict each other or what was ordered. Nothing if it can be. Encoded features are not
/// looked into.
[[nodiscard]] std::optional<std::string> why_invalid(const OrderResult& result, const Work& work,
                                                     const MatchOptions& options);

}  // namespace bundle_match

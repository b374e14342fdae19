// Checks that a result fits its order.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/work.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace bundle_match {
namespace {

constexpr std::size_t kModelValues = 9;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>  // Clang 14 does not find it by itself
Overloaded(Cases...)->Overloaded<Cases...>;

bool is_time(float milliseconds) { return std::isfinite(milliseconds) && milliseconds >= 0; }

const char* why_invalid_rows(const PairOutcome& outcome, const OrderResult& result,
                             const MatchOptions& options) {
  if (outcome.matched.size() != (options.report_matches ? outcome.matches : 0)) {
    return "another number of rows than of matches";
  }
  if (std::any_of(outcome.matched.begin(), outcome.matched.end(),
                  [&](const MatchedRows& rows) { return rows.image >= result.keypoints; })) {
    return "a match of a keypoint that the image does not have";
  }
  const auto& positions = outcome.inlier_positions;
  if (positions.size() != (options.report_matches ? outcome.inliers : 0)) {
    return "another number of inlier positions than of inliers";
  }
  const bool ascending = std::adjacent_find(positions.begin(), positions.end(),
                                            std::greater_equal<>()) == positions.end();
  if (!ascending || (!positions.empty() && positions.back() >= outcome.matched.size())) {
    return "inlier positions that are none";
  }
  return nullptr;
}

const char* why_invalid_outcome(const PairOutcome& outcome, const OrderResult& result,
                                const MatchOptions& options) {
  // Each keypoint of the image is in one match at most.
  if (outcome.matches > result.keypoints || outcome.inliers > outcome.matches) {
    return "more matches than keypoints, or more inliers than matches";
  }
  const bool verified = options.verification != Verification::none;
  if (!outcome.model.empty() &&
      (!verified || outcome.model.size() != kModelValues ||
       !std::ranges::all_of(outcome.model, [](double value) { return std::isfinite(value); }))) {
    return "a model that is no 3 x 3 matrix, or was not asked for";
  }
  if (!verified && outcome.inliers > 0) {
    return "inliers that were not asked for";
  }
  return why_invalid_rows(outcome, result, options);
}

bool is_finite(const MatchedPoints& points) {
  return std::isfinite(points.reference_x) && std::isfinite(points.reference_y) &&
         std::isfinite(points.image_x) && std::isfinite(points.image_y);
}

const char* why_invalid_drawable(const MatchAnswer& answer, const ReferenceList& references,
                                 const MatchOptions& options) {
  if (!answer.drawable) {
    return nullptr;
  }
  if (!options.report_pictures) {
    return "points to draw that were not asked for";
  }
  const DrawablePair& drawable = *answer.drawable;
  const auto position = references.position_of(drawable.reference);
  if (!position) {
    return "points to draw of a pair that was not ordered";
  }
  const PairOutcome& outcome = answer.outcomes[*position];
  return drawable.points.size() <= outcome.matches &&
                 std::ranges::all_of(drawable.points, is_finite)
             ? nullptr
             : "points to draw that are none of matches";
}

const char* why_invalid_match(const MatchAnswer& answer, const ReferenceList& references,
                              bool was_read, const OrderResult& result,
                              const MatchOptions& options) {
  if (answer.outcomes.size() != references.size()) {
    return "another number of pairs than was ordered";
  }
  for (const PairOutcome& outcome : answer.outcomes) {
    if (const char* const why = why_invalid_outcome(outcome, result, options)) {
      return why;
    }
  }
  if (answer.features.empty() == (was_read && options.report_features)) {
    return "no features, or some that were not asked for";
  }
  if (!answer.thumbnail.empty() && !(was_read && options.report_pictures)) {
    return "a thumbnail that was not asked for";
  }
  return why_invalid_drawable(answer, references, options);
}

const char* why_invalid_answer(const OrderResult& result, const Work& work,
                               const MatchOptions& options) {
  return std::visit(
      Overloaded{
          [&](const DescribeWork& /*describe*/, const DescribeAnswer& answer) -> const char* {
            return answer.features.empty() && !answer.home ? "no features" : nullptr;
          },
          [&](const MatchWork& match, const MatchAnswer& answer) {
            return why_invalid_match(answer, match.references, true, result, options);
          },
          [&](const MatchDescribedWork& match, const MatchAnswer& answer) {
            return why_invalid_match(answer, match.references, false, result, options);
          },
          [&](const DrawWork& /*draw*/, const PictureAnswer& answer) -> const char* {
            return answer.bytes.empty() ? "no picture" : nullptr;
          },
          [&](const ThumbnailWork& /*thumbnail*/, const PictureAnswer& answer) -> const char* {
            return answer.bytes.empty() ? "no thumbnail" : nullptr;
          },
          [](const auto& /*work*/, const auto& /*answer*/) {
            return "the answer to another kind of work";
          }},
      work, result.answer);
}

}  // namespace

std::size_t pairs_of(const Work& work) {
  return std::visit(Overloaded{[](const MatchWork& it) { return it.references.size(); },
                               [](const MatchDescribedWork& it) { return it.references.size(); },
                               [](const auto& /*other*/) { return std::size_t{0}; }},
                    work);
}

std::vector<ReferenceIndex> images_needed_by(const Work& work) {
  std::vector<ReferenceIndex> images;
  if (const auto* const match = std::get_if<MatchDescribedWork>(&work)) {
    images.reserve(1 + match->references.size());
    images.push_back(match->described);
    images.insert(images.end(), match->references.begin(), match->references.end());
  }
  return images;
}

bool reads_file(const Work& work) { return !std::holds_alternative<MatchDescribedWork>(work); }

std::uint64_t size_bytes(const OrderResult& result) {
  std::uint64_t bytes = sizeof result + result.reason.size();
  if (const auto* const described = std::get_if<DescribeAnswer>(&result.answer)) {
    bytes += described->features.size();
  } else if (const auto* const matched = std::get_if<MatchAnswer>(&result.answer)) {
    bytes += matched->features.size() + matched->thumbnail.size();
    for (const PairOutcome& outcome : matched->outcomes) {
      bytes += sizeof outcome + outcome.matched.size() * sizeof(MatchedRows);
    }
  } else if (const auto* const picture = std::get_if<PictureAnswer>(&result.answer)) {
    bytes += picture->bytes.size();
  }
  return bytes;
}

std::optional<std::string> why_invalid(const OrderResult& result, const Work& work,
                                       const MatchOptions& options) {
  const StageTimes& times = result.elapsed_ms;
  if (!is_time(times.read) || !is_time(times.sift) || !is_time(times.match) ||
      !is_time(result.waited_ms)) {
    return "times that are none";
  }
  if (result.not_found && result.status != ImageStatus::unreadable) {
    return "a file that was not found, but read";
  }
  if (result.status != ImageStatus::ok) {
    return std::holds_alternative<std::monostate>(result.answer)
               ? std::nullopt
               : std::optional<std::string>("an answer of an order that failed");
  }
  const char* const why = why_invalid_answer(result, work, options);
  return why != nullptr ? std::optional<std::string>(why) : std::nullopt;
}

}  // namespace bundle_match

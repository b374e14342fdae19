// Beyond what any result must look like: statuses and the cache.
// SPDX-License-Identifier: Apache-2.0
#include "process_checks.hpp"

namespace bundle_match::machine {
namespace {

// Whether the process has given the features, or the answer has them.
bool has_features(const CacheEntry& entry, const OrderResult& result) {
  if (!entry.features.empty()) {
    return true;
  }
  const auto* const match = std::get_if<MatchAnswer>(&result.answer);
  return match != nullptr ? !match->features.empty()
                          : std::holds_alternative<DescribeAnswer>(result.answer);
}

bool may_be_cached(const Work& work) {
  return std::holds_alternative<DescribeWork>(work) || std::holds_alternative<MatchWork>(work);
}

}  // namespace

std::optional<std::string> why_invalid_result(const ComputeResult& result, const Work& work,
                                              const MatchOptions& options) {
  const ImageStatus status = result.result.status;
  if (status == ImageStatus::timed_out || status == ImageStatus::crashed) {
    return "a status that is the rank's to give";
  }
  const bool for_cache = !std::holds_alternative<std::monostate>(result.cache);
  if (for_cache &&
      (options.cache_dir.empty() || status != ImageStatus::ok || !may_be_cached(work))) {
    return "features for a cache that there is not";
  }
  const auto* const entry = std::get_if<CacheEntry>(&result.cache);
  if (entry != nullptr && !has_features(*entry, result.result)) {
    return "an entry of the cache without features";
  }
  const auto* const described = std::get_if<DescribeAnswer>(&result.result.answer);
  if (described != nullptr && described->home) {
    return "a home of features, which is the rank's to give";
  }
  const auto* const match = std::get_if<MatchAnswer>(&result.result.answer);
  if (match != nullptr && options.report_features &&
      match->features.empty() == std::holds_alternative<MatchWork>(work)) {
    return "features of an image that was not read, or none of one that was";
  }
  return bundle_match::why_invalid(result.result, work, options);
}

}  // namespace bundle_match::machine

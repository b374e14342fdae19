// The cache as a rank uses it: the compute process, which may be confined, finds entries itself,
// and the rank writes what it has found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/core/messages.hpp"

#include <optional>
#include <string>

namespace bundle_match::compute {

class RankCache {
 public:
  /// A folder that cannot be written costs time, not results.
  explicit RankCache(const Job& job);

  /// Stores the features that came with the report, or marks those it found as used.
  void take(const ImageReport& report);

  /// What has gone wrong since it was asked last; empty if nothing.
  [[nodiscard]] std::string take_problem();

 private:
  void tell(const std::string& problem);

  std::optional<cache::FeatureCache> cache_;
  std::string problem_;
};

}  // namespace bundle_match::compute

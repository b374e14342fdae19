// Entries to write, and the first problem with them.
// SPDX-License-Identifier: Apache-2.0
#include "rank_cache.hpp"

#include <system_error>
#include <utility>

namespace bundle_match::compute {

RankCache::RankCache(const Job& job) {
  const MatchOptions& options = job.options;
  try {
    if (!options.cache_dir.empty()) {
      cache_.emplace(options.cache_dir, options.cache_limit_bytes, job.ranks);
    }
  } catch (const std::system_error& error) {
    tell(error.what());
  }
}

void RankCache::take(const ImageReport& report) {
  if (!cache_ || report.cache_key.empty()) {
    return;
  }
  if (report.cache_hit) {
    cache_->touch(report.cache_key);
  } else {
    tell(cache_->store(report.cache_key, report.features));
  }
}

std::string RankCache::take_problem() { return std::exchange(problem_, {}); }

void RankCache::tell(const std::string& problem) {
  if (problem_.empty() && !problem.empty()) {
    problem_ = "--cache: " + problem;
  }
}

}  // namespace bundle_match::compute

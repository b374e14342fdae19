// The cache as a rank uses it: the compute process, which may be confined, finds entries itself,
// and the rank writes what it has found, on a thread of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace bundle_match::cache {
class FeatureCache;
}

namespace bundle_match::compute {

/// A folder that cannot be written, or is too slow, costs time, not results. No call waits for it.
class RankCache {
 public:
  /// Features that may wait to be written. More of them are not kept.
  static constexpr std::size_t kMostWaitingBytes = std::size_t{256} << 20;

  explicit RankCache(const Job& job, std::size_t most_waiting_bytes = kMostWaitingBytes);
  /// Drops what waits; waits for what is being written.
  ~RankCache() = default;
  RankCache(const RankCache&) = delete;
  RankCache& operator=(const RankCache&) = delete;

  /// Stores the features that the result has for the cache, or marks those that were found there as
  /// used, soon. Takes them from the result unless they are its answer, too.
  void take(ComputeResult& result);

  /// Whether something is still to be written, or it is not known yet whether the folder can be.
  [[nodiscard]] bool busy() const;

  /// What has gone wrong since it was asked last; empty if nothing.
  [[nodiscard]] std::string take_problem();

 private:
  struct Task {
    std::string key;
    std::optional<std::string> features;  // nothing: the entry is there, and was used

    [[nodiscard]] std::size_t bytes() const;
  };

  void push(Task task);
  void run(const std::stop_token& stop);
  [[nodiscard]] std::optional<Task> next(const std::stop_token& stop);
  void done(const Task& task, const std::string& problem);
  void give_up(const std::string& problem);

  const std::string folder_;  // empty: there is no cache
  const std::uint64_t limit_bytes_;
  const std::uint32_t processes_;
  const std::size_t most_waiting_bytes_;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable_any changed_;
  std::deque<Task> waiting_;
  std::size_t waiting_bytes_ = 0;  // with that of the task under way
  bool working_ = false;
  bool given_up_ = false;
  std::string problem_;
  std::size_t dropped_ = 0;  // images whose features were not kept, as the folder is too slow

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bundle_match::compute

// A queue of entries to write, and the thread that writes them.
// SPDX-License-Identifier: Apache-2.0
#include "rank_cache.hpp"

#include "bundle_match/cache/feature_cache.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>
#include <variant>

namespace bundle_match::compute {
namespace {

// The features that the entry stands for.
std::string features_of(CacheEntry& entry, const OrderResult& result) {
  if (!entry.features.empty()) {
    return std::move(entry.features);
  }
  if (const auto* const described = std::get_if<DescribeAnswer>(&result.answer)) {
    return described->features;
  }
  const auto* const matched = std::get_if<MatchAnswer>(&result.answer);
  return matched != nullptr ? matched->features : "";
}

}  // namespace

std::size_t RankCache::Task::bytes() const {
  return sizeof(Task) + key.size() + (features ? features->size() : 0);
}

RankCache::RankCache(const Job& job, std::size_t most_waiting_bytes)
    : folder_(job.options.cache_dir),
      limit_bytes_(job.options.cache_limit_bytes),
      processes_(job.ranks),
      most_waiting_bytes_(most_waiting_bytes) {
  if (!folder_.empty()) {
    working_ = true;  // on opening it
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
}

void RankCache::take(ComputeResult& result) {
  if (folder_.empty()) {
    return;
  }
  if (auto* const entry = std::get_if<CacheEntry>(&result.cache)) {
    std::string features = features_of(*entry, result.result);
    push({std::move(entry->key), std::move(features)});
  } else if (auto* const hit = std::get_if<CacheHit>(&result.cache)) {
    push({std::move(hit->key), std::nullopt});
  }
}

void RankCache::push(Task task) {
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = task.bytes();
  if (given_up_) {
    return;
  }
  if (waiting_bytes_ > 0 && waiting_bytes_ + bytes > most_waiting_bytes_) {
    dropped_ += task.features ? 1 : 0;
    return;
  }
  waiting_bytes_ += bytes;
  waiting_.push_back(std::move(task));
  changed_.notify_one();
}

bool RankCache::busy() const {
  const std::lock_guard lock(mutex_);
  return working_ || !waiting_.empty();
}

std::string RankCache::take_problem() {
  const std::lock_guard lock(mutex_);
  std::string problem = std::exchange(problem_, {});
  if (const std::size_t dropped = std::exchange(dropped_, 0); dropped > 0) {
    problem += fmt::format("{}features of {} images were not kept: {} is too slow",
                           problem.empty() ? "" : "; ", dropped, folder_);
  }
  return problem.empty() ? "" : "--cache: " + problem;
}

void RankCache::run(const std::stop_token& stop) {
  try {
    cache::FeatureCache cache(folder_, limit_bytes_, processes_);
    done({}, "");
    while (const auto task = next(stop)) {
      std::string problem;
      if (task->features) {
        problem = cache.store(task->key, *task->features);
      } else {
        cache.touch(task->key);
      }
      done(*task, problem);
    }
  } catch (const std::exception& error) {
    give_up(error.what());
  }
}

std::optional<RankCache::Task> RankCache::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
  if (stop.stop_requested()) {
    return std::nullopt;
  }
  Task task = std::move(waiting_.front());
  waiting_.pop_front();
  working_ = true;
  return task;
}

// The task, or opening the folder.
void RankCache::done(const Task& task, const std::string& problem) {
  const std::lock_guard lock(mutex_);
  working_ = false;
  waiting_bytes_ -= task.key.empty() ? 0 : task.bytes();
  if (problem_.empty()) {
    problem_ = problem;
  }
}

void RankCache::give_up(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  given_up_ = true;
  working_ = false;
  waiting_.clear();
  waiting_bytes_ = 0;
  if (problem_.empty()) {
    problem_ = problem;
  }
}

}  // namespace bundle_match::compute

// Threads that work on the pieces of an image together; more can join at any moment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/sift.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace bundle_match::features::sift {

/// Worker 0 is the thread that calls for_each(), the others are threads of the team, which sleep
/// between two calls. They start when they are first needed; one that cannot start is done without.
class Team {
 public:
  /// `threads`, at least 1: with the one that calls for_each().
  explicit Team(int threads) : threads_(threads), wanted_(threads) {}
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// Workers are numbered below it.
  [[nodiscard]] int most_workers() const { return threads_ + kMostSiftHelpers; }

  /// How many workers there should be now.
  [[nodiscard]] int size() const { return wanted_.load(std::memory_order_relaxed); }

  /// Other threads may call it at any time: helpers join and leave between two pieces.
  void set_helpers(SiftHelpers helpers);

  /// Calls work(worker, i) once for every i < count, no two at once with the same worker; returns
  /// when all have ended. An exception is rethrown then, and what had not begun is left out.
  template <typename Work>
  void for_each(std::size_t count, const Work& work) {
    if (count == 1) {
      work(0, 0);
    } else if (count > 1) {
      const std::function<void(int, std::size_t)> any_work = std::cref(work);
      run(any_work, count);
    }
  }

 private:
  struct Section {
    const std::function<void(int, std::size_t)>& work;
    std::size_t count;
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;  // guarded by the team's mutex
  };

  void run(const std::function<void(int, std::size_t)>& work, std::size_t count);
  void work_on(Section& section, int worker);
  void be_worker(int worker);
  void start_missing();

  const int threads_;
  std::atomic<int> wanted_;  // workers; changed under the mutex
  std::mutex mutex_;         // guards what follows
  std::condition_variable changed_;
  std::condition_variable empty_;
  std::shared_ptr<const std::function<bool()>> prepare_;
  unsigned prepare_number_ = 0;  // of `prepare_`, so that a helper knows a new one
  Section* section_ = nullptr;
  int inside_ = 0;  // workers but the first that work on the section
  bool over_ = false;
  std::vector<std::thread> started_;  // workers 1, 2, ...
};

}  // namespace bundle_match::features::sift

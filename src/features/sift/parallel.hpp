// Runs pieces of work on a few threads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace bundle_match::features::sift {

/// Calls work(worker, i) once for every i < count; each worker below `threads` is one thread,
/// worker 0 the calling one. An exception is rethrown once all have ended.
template <typename Work>
void parallel_for(int threads, std::size_t count, const Work& work) {
  const int workers = static_cast<int>(std::min(static_cast<std::size_t>(threads), count));
  if (workers <= 1) {
    for (std::size_t i = 0; i < count; ++i) {
      work(0, i);
    }
    return;
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto loop = [&](int worker) {
    try {
      for (std::size_t i = next++; i < count; i = next++) {
        work(worker, i);
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> others;
    for (int worker = 1; worker < workers; ++worker) {
      others.emplace_back(loop, worker);
    }
    loop(0);
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace bundle_match::features::sift

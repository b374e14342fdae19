// A thread for what may take long and whose answers rank 0's loop does not wait for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace bundle_match::app {

/// Runs one errand after another.
template <class Answer>
class Background {
 public:
  /// May give an answer. Must not throw.
  using Errand = std::function<std::optional<Answer>()>;

  Background() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

  void submit(Errand errand) {
    {
      const std::lock_guard lock(mutex_);
      errands_.push_back(std::move(errand));
    }
    changed_.notify_one();
  }

  /// The next answer that an errand gave, if there is one; never waits.
  [[nodiscard]] std::optional<Answer> try_answer() {
    const std::lock_guard lock(mutex_);
    if (answers_.empty()) {
      return std::nullopt;
    }
    Answer answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

 private:
  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !errands_.empty(); })) {
      const Errand errand = std::move(errands_.front());
      errands_.pop_front();
      lock.unlock();
      auto answer = errand();
      lock.lock();
      if (answer) {
        answers_.push_back(std::move(*answer));
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Errand> errands_;
  std::deque<Answer> answers_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bundle_match::app

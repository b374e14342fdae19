// A thread for what may take long and whose answers rank 0's loop does not wait for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/run_events.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace bundle_match::app {

/// Runs one errand after another.
class Background {
 public:
  /// May give an event for the run's machine. Must not throw.
  using Errand = std::function<std::optional<machine::RunEvent>()>;

  Background();

  void submit(Errand errand);

  /// The next event that an errand gave, if there is one; never waits.
  [[nodiscard]] std::optional<machine::RunEvent> try_event();

 private:
  void work(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Errand> errands_;
  std::deque<machine::RunEvent> events_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bundle_match::app

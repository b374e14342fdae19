// Errands in, events out.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/background.hpp"

#include <utility>

namespace bundle_match::app {

Background::Background() : thread_([this](const std::stop_token& stop) { work(stop); }) {}

void Background::submit(Errand errand) {
  {
    const std::lock_guard lock(mutex_);
    errands_.push_back(std::move(errand));
  }
  changed_.notify_one();
}

std::optional<machine::RunEvent> Background::try_event() {
  const std::lock_guard lock(mutex_);
  if (events_.empty()) {
    return std::nullopt;
  }
  machine::RunEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void Background::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !errands_.empty(); })) {
    const Errand errand = std::move(errands_.front());
    errands_.pop_front();
    lock.unlock();
    auto event = errand();
    lock.lock();
    if (event) {
      events_.push_back(std::move(*event));
    }
  }
}

}  // namespace bundle_match::app

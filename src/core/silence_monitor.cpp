// Keeps when each rank was last heard; pauses of this rank itself do not count.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/silence_monitor.hpp"

#include <algorithm>

namespace bundle_match {

SilenceMonitor::SilenceMonitor(std::size_t ranks, Duration timeout, Time now)
    : timeout_(timeout), last_look_(now), last_heard_(ranks, now) {}

void SilenceMonitor::heard(Rank rank, Time now) { last_heard_.at(rank) = now; }

std::vector<Rank> SilenceMonitor::silent(Time now) {
  const Duration pause = now - last_look_;
  last_look_ = now;
  std::vector<Rank> found;
  for (const Rank rank : last_heard_.ids()) {
    if (pause > alive_every(timeout_)) {
      // Who was heard in it, before this look, is not to be heard from the future.
      last_heard_[rank] = std::min(last_heard_[rank] + pause, now);
    }
    if (timeout_ > Duration::zero() && now - last_heard_[rank] > timeout_) {
      found.push_back(rank);
    }
  }
  return found;
}

}  // namespace bundle_match

// Last times heard, shifted by our own pauses.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/silence_monitor.hpp"

namespace bundle_match {

SilenceMonitor::SilenceMonitor(int ranks, Duration timeout, Time now)
    : timeout_(timeout), last_look_(now), last_heard_(static_cast<std::size_t>(ranks), now) {}

void SilenceMonitor::heard(Rank rank, Time now) {
  last_heard_.at(static_cast<std::size_t>(rank)) = now;
}

std::vector<Rank> SilenceMonitor::silent(Time now) {
  const Duration pause = now - last_look_;
  last_look_ = now;
  std::vector<Rank> found;
  for (std::size_t rank = 0; rank < last_heard_.size(); ++rank) {
    if (pause > kAliveEvery) {
      last_heard_[rank] += pause;
    }
    if (timeout_ > Duration::zero() && now - last_heard_[rank] > timeout_) {
      found.push_back(static_cast<Rank>(rank));
    }
  }
  return found;
}

}  // namespace bundle_match

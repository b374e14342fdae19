// The scheduler's transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/scheduler.hpp"

#include <algorithm>
#include <stdexcept>

namespace bundle_match {

Scheduler::Scheduler(std::vector<ImageIndex> hand_out_order, int ranks, std::size_t credit)
    : unassigned_(hand_out_order.begin(), hand_out_order.end()),
      ranks_(static_cast<std::size_t>(ranks)),
      live_ranks_(ranks_.size()),
      credit_(credit) {
  if (ranks < 1 || credit < 1) {
    throw std::logic_error("a scheduler needs at least one rank and one place");
  }
}

std::vector<Assignment> Scheduler::rank_ready(Rank rank) {
  RankEntry& it = entry(rank);
  std::vector<Assignment> actions;
  if (it.state == RankState::starting) {
    it.state = RankState::working;
    fill(rank, actions);
  }
  return actions;
}

std::vector<Assignment> Scheduler::image_done(Rank rank, ImageIndex image) {
  std::deque<ImageIndex>& held = entry(rank).held;
  const auto position = std::find(held.begin(), held.end(), image);
  if (position == held.end()) {
    throw std::logic_error("a rank reported an image it was not given");
  }
  held.erase(position);
  --held_count_;
  std::vector<Assignment> actions;
  fill(rank, actions);
  return actions;
}

std::vector<Assignment> Scheduler::rank_lost(Rank rank) {
  RankEntry& it = entry(rank);
  std::vector<Assignment> actions;
  if (it.state == RankState::lost) {
    return actions;
  }
  it.state = RankState::lost;
  --live_ranks_;
  held_count_ -= it.held.size();
  unassigned_.insert(unassigned_.begin(), it.held.begin(), it.held.end());
  it.held.clear();
  for (Rank other = 0; other < static_cast<Rank>(ranks_.size()); ++other) {
    fill(other, actions);
  }
  return actions;
}

bool Scheduler::is_lost(Rank rank) const {
  return ranks_.at(static_cast<std::size_t>(rank)).state == RankState::lost;
}

const std::deque<ImageIndex>& Scheduler::held_by(Rank rank) const {
  return ranks_.at(static_cast<std::size_t>(rank)).held;
}

Scheduler::RankEntry& Scheduler::entry(Rank rank) {
  return ranks_.at(static_cast<std::size_t>(rank));
}

void Scheduler::fill(Rank rank, std::vector<Assignment>& actions) {
  RankEntry& it = entry(rank);
  if (it.state != RankState::working) {
    return;
  }
  while (it.held.size() < credit_ && !unassigned_.empty() &&
         (it.held.empty() || unassigned_.size() > live_ranks_)) {
    const ImageIndex image = unassigned_.front();
    unassigned_.pop_front();
    it.held.push_back(image);
    ++held_count_;
    actions.push_back({rank, image});
  }
}

}  // namespace bundle_match

// The scheduler's transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/scheduler.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bundle_match {

Scheduler::Scheduler(LargeVector<ImageIndex> hand_out_order, int ranks, std::size_t credit)
    : order_(std::move(hand_out_order)),
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
  returned_.insert(returned_.begin(), it.held.begin(), it.held.end());
  it.held.clear();
  for (Rank other = 0; other < static_cast<Rank>(ranks_.size()); ++other) {
    fill(other, actions);
  }
  return actions;
}

void Scheduler::set_credit(std::size_t credit) {
  if (credit < 1) {
    throw std::logic_error("a rank needs at least one place");
  }
  credit_ = credit;
}

void Scheduler::stop_handing_out() {
  next_ = order_.size();
  returned_.clear();
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

// How many images a rank may hold now.
std::size_t Scheduler::places() const {
  constexpr std::size_t kFew = 2;
  return credit_ <= kFew ? credit_ : std::clamp(unassigned() / (2 * live_ranks_), kFew, credit_);
}

ImageIndex Scheduler::take_next() {
  if (returned_.empty()) {
    return order_[next_++];
  }
  const ImageIndex image = returned_.front();
  returned_.pop_front();
  return image;
}

void Scheduler::fill(Rank rank, std::vector<Assignment>& actions) {
  RankEntry& it = entry(rank);
  const std::size_t most = places();
  // Half empty, so that several go out together.
  if (it.state != RankState::working || 2 * it.held.size() > most) {
    return;
  }
  while (it.held.size() < most && unassigned() > 0 &&
         (it.held.empty() || unassigned() > live_ranks_)) {
    const ImageIndex image = take_next();
    it.held.push_back(image);
    ++held_count_;
    actions.push_back({rank, image});
  }
}

}  // namespace bundle_match

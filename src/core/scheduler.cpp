// The scheduler's state transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/scheduler.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bundle_match {
namespace {

auto position_of(auto& held, OrderId order) {
  return std::find_if(held.begin(), held.end(),
                      [order](const auto& it) { return it.order == order; });
}

}  // namespace

Scheduler::Scheduler(std::size_t ranks, std::size_t credit)
    : ranks_(ranks), live_ranks_(ranks_.size()), credit_(credit) {
  if (ranks < 1) {
    throw std::logic_error("a scheduler needs at least one rank");
  }
  set_credit(credit);
}

void Scheduler::begin(LargeVector<TaskId> tasks, std::size_t credit) {
  if (!finished()) {
    throw std::logic_error("tasks are still under way");
  }
  order_ = std::move(tasks);
  next_ = 0;
  stopped_ = false;
  set_credit(credit);
  for (RankEntry& rank : ranks_) {
    if (rank.state == RankState::working) {
      rank.state = RankState::idle;
    }
  }
}

std::vector<Assignment> Scheduler::rank_ready(Rank rank) {
  RankEntry& it = ranks_.at(rank);
  std::vector<Assignment> assignments;
  if (it.state == RankState::idle) {
    it.state = RankState::working;
    fill(rank, assignments);
  }
  return assignments;
}

std::optional<TaskId> Scheduler::find(Rank rank, OrderId order) const {
  const std::deque<Held>& held = held_by(rank);
  const auto it = position_of(held, order);
  return it != held.end() ? std::optional(it->task) : std::nullopt;
}

std::vector<Assignment> Scheduler::order_done(Rank rank, OrderId order) {
  std::deque<Held>& held = ranks_.at(rank).held;
  const auto it = position_of(held, order);
  if (it == held.end()) {
    throw std::logic_error("a rank finished an order that it does not hold");
  }
  held.erase(it);
  --held_count_;
  std::vector<Assignment> assignments;
  fill(rank, assignments);
  return assignments;
}

std::vector<Assignment> Scheduler::reserve(Rank rank, TaskId task) {
  std::vector<Assignment> assignments;
  if (!stopped_) {
    ranks_.at(rank).reserved.push_back(task);
    ++reserved_count_;
    fill(rank, assignments);
  }
  return assignments;
}

std::vector<Assignment> Scheduler::rank_lost(Rank rank) {
  RankEntry& it = ranks_.at(rank);
  std::vector<Assignment> assignments;
  if (it.state == RankState::lost) {
    return assignments;
  }
  it.state = RankState::lost;
  --live_ranks_;
  held_count_ -= it.held.size();
  reserved_count_ -= it.reserved.size();
  if (!stopped_) {
    returned_.insert(returned_.begin(), it.reserved.begin(), it.reserved.end());
    for (auto held = it.held.rbegin(); held != it.held.rend(); ++held) {
      returned_.push_front(held->task);
    }
  }
  it.held.clear();
  it.reserved.clear();
  fill_all(assignments);
  return assignments;
}

void Scheduler::set_credit(std::size_t credit) {
  if (credit < 1) {
    throw std::logic_error("a rank needs at least one place");
  }
  credit_ = credit;
}

std::vector<Assignment> Scheduler::resume() {
  paused_ = false;
  std::vector<Assignment> assignments;
  fill_all(assignments);
  return assignments;
}

void Scheduler::stop_handing_out() {
  stopped_ = true;
  next_ = order_.size();
  returned_.clear();
  for (RankEntry& rank : ranks_) {
    rank.reserved.clear();
  }
  reserved_count_ = 0;
}

void Scheduler::forget_held() {
  for (RankEntry& rank : ranks_) {
    rank.held.clear();
  }
  held_count_ = 0;
}

bool Scheduler::is_lost(Rank rank) const { return ranks_.at(rank).state == RankState::lost; }

const std::deque<Scheduler::Held>& Scheduler::held_by(Rank rank) const {
  return ranks_.at(rank).held;
}

// How many tasks a rank may hold now.
std::size_t Scheduler::places() const {
  constexpr std::size_t kFew = 2;
  return credit_ <= kFew ? credit_ : std::clamp(unassigned() / (2 * live_ranks_), kFew, credit_);
}

// A place behind the first is filled only while more tasks are unassigned than there are ranks.
bool Scheduler::has_next_for(const RankEntry& rank) const {
  return !rank.reserved.empty() ||
         (unassigned() > 0 && (rank.held.empty() || unassigned() > live_ranks_));
}

TaskId Scheduler::take_next(RankEntry& rank) {
  if (rank.reserved.empty() && returned_.empty()) {
    return order_[next_++];
  }
  std::deque<TaskId>& from = rank.reserved.empty() ? returned_ : rank.reserved;
  reserved_count_ -= rank.reserved.empty() ? 0 : 1;
  const TaskId task = from.front();
  from.pop_front();
  return task;
}

void Scheduler::fill_all(std::vector<Assignment>& assignments) {
  for (const Rank rank : ranks()) {
    fill(rank, assignments);
  }
}

void Scheduler::fill(Rank rank, std::vector<Assignment>& assignments) {
  RankEntry& it = ranks_.at(rank);
  if (paused_ || it.state != RankState::working) {
    return;
  }
  const std::size_t most = places();
  if (2 * it.held.size() > most) {
    return;  // half empty, so that several go out together
  }
  while (it.held.size() < most && has_next_for(it)) {
    const Held next{next_order_, take_next(it)};
    ++next_order_;
    it.held.push_back(next);
    ++held_count_;
    assignments.push_back({rank, next.order, next.task});
  }
}

}  // namespace bundle_match

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

void Scheduler::begin(LargeVector<TaskId> tasks, std::size_t credit, const Dependence& dependence) {
  if (!finished()) {
    throw std::logic_error("tasks are still under way");
  }
  order_ = std::move(tasks);
  next_ = 0;
  stopped_ = false;
  dependence_ = dependence;
  const auto first_dependent =
      std::ranges::find_if(order_, [this](TaskId task) { return is_dependent(task); });
  independent_ = static_cast<std::size_t>(first_dependent - order_.begin());
  independent_left_ = independent_;
  if (dependence.rank_0_alone) {
    ranks_.at(kRank0).reserved.assign(order_.begin(), first_dependent);
    reserved_count_ += independent_;
    next_ = independent_;
  }
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
  if (is_dependent(it->task)) {
    --ranks_.at(rank).dependent_held;
  } else {
    --independent_left_;
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
    independent_left_ += is_dependent(task) ? 0 : 1;
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
  it.dependent_held = 0;
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
    rank.dependent_held = 0;
  }
  held_count_ = 0;
}

void Scheduler::forget_waiting() {
  for (RankEntry& rank : ranks_) {
    held_count_ -= std::erase_if(rank.held, [this](const Held& it) { return waits(it.task); });
    rank.dependent_held = independent_left_ > 0 ? 0 : rank.dependent_held;
  }
}

bool Scheduler::is_lost(Rank rank) const { return ranks_.at(rank).state == RankState::lost; }

const std::deque<Scheduler::Held>& Scheduler::held_by(Rank rank) const {
  return ranks_.at(rank).held;
}

// How many tasks a rank may hold, with so many unassigned.
std::size_t Scheduler::places(std::size_t credit, std::size_t unassigned) const {
  constexpr std::size_t kFew = 2;
  return credit <= kFew ? credit : std::clamp(unassigned / (2 * live_ranks_), kFew, credit);
}

std::size_t Scheduler::unassigned(Kind kind) const {
  const auto returned = static_cast<std::size_t>(
      std::ranges::count_if(returned_, [&](TaskId task) { return is_of(kind, task); }));
  const std::size_t independent = independent_ - std::min(next_, independent_);
  return returned + (kind == Kind::independent ? independent : order_.size() - next_ - independent);
}

// What is reserved comes first, then what was returned.
std::optional<TaskId> Scheduler::take_next(RankEntry& rank, Kind kind) {
  for (std::deque<TaskId>* const from : {&rank.reserved, &returned_}) {
    const auto it = std::ranges::find_if(*from, [&](TaskId task) { return is_of(kind, task); });
    if (it != from->end()) {
      const TaskId task = *it;
      from->erase(it);
      reserved_count_ -= from == &rank.reserved ? 1 : 0;
      return task;
    }
  }
  if (next_ < order_.size() && is_of(kind, order_[next_])) {
    return order_[next_++];
  }
  return std::nullopt;
}

bool Scheduler::has_reserved(const RankEntry& rank, Kind kind) const {
  return std::ranges::any_of(rank.reserved, [&](TaskId task) { return is_of(kind, task); });
}

void Scheduler::fill_all(std::vector<Assignment>& assignments) {
  for (const Rank rank : ranks()) {
    fill(rank, assignments);
  }
}

void Scheduler::fill(Rank rank, std::vector<Assignment>& assignments) {
  const RankEntry& it = ranks_.at(rank);
  if (paused_ || it.state != RankState::working) {
    return;
  }
  if (independent_left_ == 0) {
    give(rank, Kind::dependent, credit_, assignments);
    return;
  }
  give(rank, Kind::independent, credit_, assignments);
  if (unassigned(Kind::independent) == 0 && !has_reserved(it, Kind::independent)) {
    give(rank, Kind::dependent, dependence_.most_ahead, assignments);
  }
}

void Scheduler::give(Rank rank, Kind kind, std::size_t credit,
                     std::vector<Assignment>& assignments) {
  RankEntry& it = ranks_.at(rank);
  const std::size_t most = places(credit, unassigned(kind));
  // Those that wait take no place from what they wait for.
  std::size_t held = it.held.size() - (kind == Kind::independent ? it.dependent_held : 0);
  if (2 * held > most) {
    return;  // half empty, so that several go out together
  }
  for (; held < most; ++held) {
    // A place behind the first is filled only while more tasks are unassigned than there are ranks.
    const bool has_place = held == 0 || unassigned(kind) > live_ranks_;
    const auto task = has_place || has_reserved(it, kind) ? take_next(it, kind) : std::nullopt;
    if (!task) {
      return;
    }
    it.held.push_back({next_order_, *task});
    it.dependent_held += is_dependent(*task) ? 1 : 0;
    ++held_count_;
    assignments.push_back({rank, next_order_, *task});
    ++next_order_;
  }
}

}  // namespace bundle_match

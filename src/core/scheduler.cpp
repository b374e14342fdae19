// The scheduler's state transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/scheduler.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace bundle_match {
namespace {

auto position_of(auto& held, OrderId order) {
  return std::find_if(held.begin(), held.end(),
                      [order](const auto& it) { return it.order == order; });
}

}  // namespace

Scheduler::Scheduler(HostTable hosts, std::size_t credit)
    : hosts_(std::move(hosts)), ranks_(hosts_.ranks()), live_ranks_(ranks_.size()) {
  if (ranks_.empty()) {
    throw std::logic_error("a scheduler needs at least one rank");
  }
  set_credit(credit);
}

Scheduler::Scheduler(std::size_t ranks, std::size_t credit)
    : Scheduler(HostTable(ById<Rank, std::string>(ranks)), credit) {}

void Scheduler::begin(LargeVector<TaskId> tasks, std::size_t credit, const Dependence& dependence) {
  if (!finished()) {
    throw std::logic_error("tasks are still under way");
  }
  stopped_ = false;
  dependence_ = dependence;
  const auto first_dependent =
      std::ranges::find_if(tasks, [this](TaskId task) { return is_dependent(task); });
  independent_left_ = static_cast<std::size_t>(first_dependent - tasks.begin());
  const bool of_one_kind = independent_left_ == 0 || first_dependent == tasks.end();
  if (!dependence.lane_starts.empty() && (!of_one_kind || dependence.rank_0_alone)) {
    throw std::logic_error("lanes of tasks of two kinds");
  }
  if (dependence.rank_0_alone) {
    ranks_.at(kRank0).reserved.assign(tasks.begin(), first_dependent);
    reserved_count_ += independent_left_;
    tasks.erase(tasks.begin(), first_dependent);
  } else if (!of_one_kind) {
    independent_ = TaskLanes({tasks.begin(), first_dependent});
    tasks.erase(tasks.begin(), first_dependent);
  }
  const bool are_dependent = !tasks.empty() && is_dependent(tasks.front());
  unassigned(are_dependent ? Kind::dependent : Kind::independent) =
      dependence.lane_starts.empty() ? TaskLanes(std::move(tasks))
                                     : TaskLanes(std::move(tasks), dependence.lane_starts);
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
    leave_its_own(hosts_.of(rank));
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
  const bool was_dependent = is_dependent(take_from(rank, order));
  independent_left_ -= was_dependent ? 0 : 1;
  std::vector<Assignment> assignments;
  if (!was_dependent && independent_left_ == 0) {
    fill_all(assignments);  // others may have had nothing to do
  } else {
    fill(rank, assignments);
  }
  return assignments;
}

std::vector<Assignment> Scheduler::give_back(Rank rank, OrderId order) {
  const TaskId task = take_from(rank, order);
  if (!stopped_) {
    put_back(rank, task);
  } else {
    independent_left_ -= is_dependent(task) ? 0 : 1;
  }
  std::vector<Assignment> assignments;
  fill_all(assignments);
  return assignments;
}

// It does not hold it any more.
TaskId Scheduler::take_from(Rank rank, OrderId order) {
  RankEntry& entry = ranks_.at(rank);
  const auto it = position_of(entry.held, order);
  if (it == entry.held.end()) {
    throw std::logic_error("a rank is done with an order that it does not hold");
  }
  const TaskId task = it->task;
  entry.dependent_held -= is_dependent(task) ? 1 : 0;
  entry.held.erase(it);
  --held_count_;
  return task;
}

std::vector<Assignment> Scheduler::redo(const std::vector<TaskId>& tasks) {
  std::vector<Assignment> assignments;
  if (!stopped_) {
    for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) {
      independent_left_ += is_dependent(*task) ? 0 : 1;
      put_back(kRank0, *task);
    }
    fill_all(assignments);
  }
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
    for (auto task = it.reserved.rbegin(); task != it.reserved.rend(); ++task) {
      put_back(rank, *task);
    }
    for (auto held = it.held.rbegin(); held != it.held.rend(); ++held) {
      put_back(rank, held->task);
    }
  }
  it.held.clear();
  it.dependent_held = 0;
  it.reserved.clear();
  leave_its_own(hosts_.of(rank));
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
  independent_ = {};
  dependent_ = {};
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

void Scheduler::put_back(Rank rank, TaskId task) {
  unassigned(is_dependent(task) ? Kind::dependent : Kind::independent)
      .put_back(hosts_.of(rank), task);
}

void Scheduler::leave_its_own(HostIndex host) {
  if (!dependence_.lane_starts.empty()) {
    const std::vector<Rank>& ranks = hosts_.ranks_of(host);
    const auto working = std::count_if(ranks.begin(), ranks.end(), [this](Rank rank) {
      return ranks_.at(rank).state == RankState::working;
    });
    dependent_.set_least(host, static_cast<std::size_t>(working));
  }
}

// What is reserved comes first, then what was returned.
std::optional<TaskId> Scheduler::take_next(Rank rank, Kind kind) {
  std::deque<TaskId>& reserved = ranks_.at(rank).reserved;
  const auto first = std::ranges::find_if(reserved, [&](TaskId it) { return is_of(kind, it); });
  if (first != reserved.end()) {
    const TaskId task = *first;
    reserved.erase(first);
    --reserved_count_;
    return task;
  }
  return unassigned(kind).take(hosts_.of(rank));
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
  if (independent_.size() == 0 && !has_reserved(it, Kind::independent)) {
    give(rank, Kind::dependent, dependence_.most_ahead, assignments);
  }
}

void Scheduler::give(Rank rank, Kind kind, std::size_t credit,
                     std::vector<Assignment>& assignments) {
  RankEntry& it = ranks_.at(rank);
  const std::size_t most = places(credit, unassigned(kind).size());
  // Those that wait take no place from what they wait for.
  std::size_t held = it.held.size() - (kind == Kind::independent ? it.dependent_held : 0);
  if (2 * held > most) {
    return;  // half empty, so that several go out together
  }
  for (; held < most; ++held) {
    // A place behind the first is filled only while more tasks are unassigned than there are ranks.
    const bool has_place = held == 0 || unassigned(kind).size() > live_ranks_;
    const auto task = has_place || has_reserved(it, kind) ? take_next(rank, kind) : std::nullopt;
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

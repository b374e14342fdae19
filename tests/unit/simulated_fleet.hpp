// Ranks in simulated time around one scheduler: it works on no task, but checks every assignment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace bundle_match::test {

/// Ticks of simulated time.
using Ticks = std::uint64_t;

struct SimulatedRank {
  Ticks ready_at = 0;
  std::optional<Ticks> lost_at;
};

struct SimulatedPause {
  Ticks from = 0;
  Ticks to = 0;
};

struct FleetPlan {
  ById<Rank, SimulatedRank> ranks;
  std::vector<Ticks> durations;  ///< by task
  LargeVector<TaskId> order;     ///< to hand out in; empty: 0, 1, 2, ...
  std::size_t credit = 2;
  std::vector<SimulatedPause> pauses;  ///< one after another
};

struct FleetRun {
  std::vector<int> times_done;          ///< by task
  std::vector<int> times_assigned;      ///< by task
  std::vector<int> times_lost;          ///< by task: it was held by a rank that was lost
  std::vector<Assignment> assignments;  ///< in the order they were made
  std::size_t largest_queue = 0;
  Ticks end = 0;  ///< when the last task was done
  bool finished = false;
};

/// Runs the plan to its end. What must hold after each event is checked by EXPECTs; see check().
class SimulatedFleet {
 public:
  explicit SimulatedFleet(FleetPlan plan)
      : plan_(with_order(std::move(plan))),
        scheduler_(plan_.ranks.size()),
        ranks_(plan_.ranks.size()),
        unassigned_(plan_.order.begin(), plan_.order.end()),
        live_ranks_(plan_.ranks.size()) {
    scheduler_.begin(plan_.order, plan_.credit);
    run_.times_done.resize(plan_.durations.size());
    run_.times_assigned.resize(plan_.durations.size());
    run_.times_lost.resize(plan_.durations.size());
  }

  FleetRun run() {
    check();
    for (const SimulatedPause& pause : plan_.pauses) {
      at(pause.from, {Event::Kind::pause});
      at(pause.to, {Event::Kind::resume});
    }
    for (const Rank rank : ranks_.ids()) {
      const SimulatedRank& planned = plan_.ranks[rank];
      at(planned.ready_at, {Event::Kind::ready, rank});
      if (planned.lost_at) {
        at(*planned.lost_at, {Event::Kind::lost, rank});
      }
    }
    while (!events_.empty() && !testing::Test::HasFatalFailure()) {
      const auto first = events_.begin();
      now_ = first->first;
      const Event event = first->second;
      events_.erase(first);
      happen(event);
      check();
    }
    run_.finished = scheduler_.finished();
    return run_;
  }

 private:
  struct Event {
    enum class Kind { ready, done, lost, pause, resume };
    Kind kind = Kind::ready;
    Rank rank = {};
    Scheduler::Held done = {};
  };
  struct RankState {
    bool ready = false;
    bool lost = false;
    std::deque<Scheduler::Held> held;  // the first one is being worked on
  };

  static FleetPlan with_order(FleetPlan plan) {
    for (std::uint64_t i = plan.order.size(); i < plan.durations.size(); ++i) {
      plan.order.emplace_back(i);
    }
    return plan;
  }

  static std::size_t index(TaskId task) { return task.value(); }

  void at(Ticks time, Event event) { events_.emplace(time, event); }

  void happen(const Event& event) {
    RankState& rank = ranks_[event.rank];
    switch (event.kind) {
      case Event::Kind::ready:
        if (!rank.lost) {
          rank.ready = true;
          accept(scheduler_.rank_ready(event.rank));
        }
        break;
      case Event::Kind::done:
        finish(event);
        break;
      case Event::Kind::lost:
        lose(event.rank);
        break;
      case Event::Kind::pause:
        scheduler_.pause();
        break;
      case Event::Kind::resume:
        accept(scheduler_.resume());
        break;
    }
  }

  // A result that comes late, or twice, is of an order that nobody holds.
  void finish(const Event& event) {
    RankState& rank = ranks_[event.rank];
    const auto task = scheduler_.find(event.rank, event.done.order);
    if (rank.lost) {
      EXPECT_EQ(task, std::nullopt);
      return;
    }
    EXPECT_EQ(task, event.done.task);
    rank.held.pop_front();
    ++run_.times_done[index(event.done.task)];
    run_.end = now_;
    if (!rank.held.empty()) {
      start(event.rank);
    }
    accept(scheduler_.order_done(event.rank, event.done.order));
    EXPECT_EQ(scheduler_.find(event.rank, event.done.order), std::nullopt);
  }

  void lose(Rank lost) {
    RankState& rank = ranks_[lost];
    rank.lost = true;
    --live_ranks_;
    for (auto held = rank.held.rbegin(); held != rank.held.rend(); ++held) {
      ++run_.times_lost[index(held->task)];
      unassigned_.push_front(held->task);
    }
    rank.held.clear();
    accept(scheduler_.rank_lost(lost));
  }

  void accept(const std::vector<Assignment>& assignments) {
    for (const Assignment& assignment : assignments) {
      RankState& rank = ranks_.at(assignment.rank);
      EXPECT_FALSE(scheduler_.paused());
      EXPECT_TRUE(rank.ready) << "work for a rank that has not asked yet";
      EXPECT_FALSE(rank.lost) << "work for a rank that is lost";
      ASSERT_FALSE(unassigned_.empty());
      EXPECT_EQ(assignment.task, unassigned_.front()) << "out of the order of hand-out";
      EXPECT_EQ(assignment.order.value(), run_.assignments.size()) << "a number used twice";
      if (!rank.held.empty()) {
        EXPECT_GT(unassigned_.size(), live_ranks_) << "a task waits that others could take";
      }
      unassigned_.pop_front();
      ++run_.times_assigned.at(index(assignment.task));
      run_.assignments.push_back(assignment);
      rank.held.push_back({assignment.order, assignment.task});
      run_.largest_queue = std::max(run_.largest_queue, rank.held.size());
      if (rank.held.size() == 1) {
        start(assignment.rank);
      }
    }
  }

  void start(Rank rank) {
    const Scheduler::Held& first = ranks_[rank].held.front();
    at(now_ + plan_.durations.at(index(first.task)), {Event::Kind::done, rank, first});
  }

  // The scheduler and this model must agree, and nobody may idle while there is work.
  void check() {
    std::size_t held = 0;
    for (const Rank rank : ranks_.ids()) {
      const RankState& state = ranks_[rank];
      held += state.held.size();
      EXPECT_LE(state.held.size(), plan_.credit);
      EXPECT_TRUE(std::ranges::equal(scheduler_.held_by(rank), state.held,
                                     [](const auto& one, const auto& other) {
                                       return one.order == other.order && one.task == other.task;
                                     }));
      EXPECT_EQ(scheduler_.is_lost(rank), state.lost);
      if (state.ready && !state.lost && state.held.empty() && !scheduler_.paused()) {
        EXPECT_TRUE(unassigned_.empty()) << "rank " << rank.value() << " has nothing to do";
      }
    }
    EXPECT_EQ(scheduler_.held_count(), held);
    EXPECT_EQ(scheduler_.unassigned(), unassigned_.size());
    EXPECT_EQ(scheduler_.finished(), unassigned_.empty() && held == 0);
  }

  FleetPlan plan_;
  Scheduler scheduler_;
  ById<Rank, RankState> ranks_;
  std::deque<TaskId> unassigned_;
  std::size_t live_ranks_;
  std::multimap<Ticks, Event> events_;  // of equal times the one entered first comes first
  Ticks now_ = 0;
  FleetRun run_;
};

}  // namespace bundle_match::test

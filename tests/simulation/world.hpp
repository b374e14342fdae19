// A simulated run: processes, the time, and what befalls them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "judge.hpp"
#include "network.hpp"
#include "rank_0.hpp"
#include "sink.hpp"
#include "worker.hpp"
#include "world_base.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace bundle_match::simulation {

class World {
 public:
  World(const WorkToDo& work, const RunPlan& run, Store& store, Trace& trace, Random& random);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// From the start until every process has ended. Throws Violation.
  void play();

  [[nodiscard]] std::size_t events() const { return played_; }

 private:
  struct Process {
    Time stopped_until;
    bool stopped = false;
    bool suspended = false;         // its compute process, too
    std::vector<Event> deferred;    // what it will see when it goes on
    std::uint64_t tick_number = 0;  // of the tick to come; others are void
  };

  void plan_misfortunes();
  void dispatch(const Event& event);
  void handle(const Event& event);
  void handle_of_worker(const Event& event);
  void tick(Rank rank);
  void stop(const Event& event);
  void resume(Rank rank);
  void die(Rank rank);
  void after_worker(Rank rank);
  [[nodiscard]] bool is_gone(Rank rank) const;
  [[nodiscard]] bool all_ended() const;
  void check_ends() const;

  Process& process(Rank rank) { return processes_.at(rank); }
  Worker& worker(Rank rank) { return workers_[static_cast<std::size_t>(rank.value())]; }
  [[nodiscard]] const Worker& worker(Rank rank) const {
    return workers_[static_cast<std::size_t>(rank.value())];
  }

  WorldBase base_;
  Network network_;
  Judge judge_;
  Rank0 rank_0_;
  std::deque<Worker> workers_;  // by rank
  ById<Rank, Process> processes_;
  std::size_t played_ = 0;
};

}  // namespace bundle_match::simulation

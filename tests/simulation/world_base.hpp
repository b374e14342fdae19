// What all parts of a simulated world share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "event_queue.hpp"
#include "plan.hpp"
#include "trace.hpp"

#include <string>
#include <vector>

namespace bundle_match::simulation {

struct WorldBase {
  const WorkToDo& work;
  const RunPlan& run;
  Trace& trace;
  Random& random;
  EventQueue events;
  Time now;
  ById<Rank, char> gone;  // its process has ended
  // What each rank's store of features holds; others of its host have it open also when it is gone.
  ById<Rank, std::vector<std::string>> stores;

  void after(Duration delay, Event::Kind kind, Rank rank = kRank0, std::uint64_t number = 0) {
    events.add(now + delay, kind, rank, number);
  }
};

}  // namespace bundle_match::simulation

// The runs of a schedule: one after another until all is done, each goes on where the one before
// ended.
// SPDX-License-Identifier: Apache-2.0
#include "schedule.hpp"

#include "facts.hpp"
#include "plan.hpp"
#include "sink.hpp"
#include "world.hpp"

#include <exception>

namespace bundle_match::simulation {
namespace {

constexpr std::size_t kMostRuns = 4;

void play_runs(Random& random, Trace& trace, Played& played) {
  const WorkToDo work = draw_work(random);
  Store store(work);
  do {
    const bool last = ++played.runs == kMostRuns;
    const RunPlan run = draw_run(random, work, last);
    trace.note({}, "a run begins", Trace::kNoRank, run.ranks.size());
    store.begin_run();
    World world(work, run, store, trace, random);
    try {
      world.play();
    } catch (...) {
      played.events += world.events();
      throw;
    }
    played.events += world.events();
    require(!last || store.has_all(), "every run brings the work on", "not all is kept");
  } while (!store.has_all());
}

}  // namespace

Played play_schedule(std::uint64_t seed, Trace& trace) {
  Random random(seed);
  Played played;
  try {
    play_runs(random, trace, played);
  } catch (const Violation& violation) {
    played.violation = violation;
  } catch (const std::exception& error) {
    played.violation = {"nothing is thrown", error.what()};
  }
  return played;
}

}  // namespace bundle_match::simulation

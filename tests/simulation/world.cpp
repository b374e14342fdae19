// The course of a simulated run.
// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::simulation {
namespace {

// Far above what any run takes that ends.
constexpr std::size_t kMostEvents = 50'000;

// As the program's: workers are more patient than rank 0.
constexpr int kPatienceWithRank0 = 2;

constexpr const char* kEnds = "the run ends";
constexpr const char* kGivesUp = "no worker gives up a rank 0 that is well";
constexpr const char* kWayOut = "every live worker leaves as it was told";

Rank owner_of(const Event& event) {
  switch (event.kind) {
    case Event::Kind::message_to_worker:
    case Event::Kind::repeated_to_worker:
    case Event::Kind::message_to_peer:
    case Event::Kind::worker_tick:
    case Event::Kind::processor_starts:
    case Event::Kind::process_word:
    case Event::Kind::process_step:
    case Event::Kind::fork_server_reply:
      return event.rank;
    default:
      return kRank0;
  }
}

bool is_from_outside(const Event& event) { return event.kind >= Event::Kind::dies; }

bool is_of_compute_process(const Event& event) {
  return event.kind == Event::Kind::process_step || event.kind == Event::Kind::fork_server_reply;
}

bool is_tick(const Event& event) {
  return event.kind == Event::Kind::rank_0_tick || event.kind == Event::Kind::worker_tick;
}

}  // namespace

World::World(const WorkToDo& work, const RunPlan& run, Store& store, Trace& trace, Random& random)
    : base_{work,
            run,
            trace,
            random,
            {},
            {},
            ById<Rank, char>(run.ranks.size()),
            ById<Rank, std::vector<std::string>>(run.ranks.size())},
      network_(base_),
      judge_(base_, store),
      rank_0_(base_, network_, judge_, store, [this](Rank rank) { die(rank); }),
      processes_(run.ranks.size()) {
  for (const Rank rank : run.ranks.ids()) {
    workers_.emplace_back(base_, network_, judge_, rank,
                          rank == kRank0 ? Duration::zero() : kPatienceWithRank0 * run.timeout);
    base_.after(run.of(rank).ready_after, Event::Kind::processor_starts, rank);
    base_.after(Duration(1), rank == kRank0 ? Event::Kind::rank_0_tick : Event::Kind::worker_tick,
                rank);
  }
  plan_misfortunes();
}

void World::plan_misfortunes() {
  const RunPlan& run = base_.run;
  for (const Rank rank : worker_ranks(run.ranks.size())) {
    int stops = 0;
    for (const Misfortune& it : run.of(rank).misfortunes) {
      switch (it.kind) {
        case Misfortune::Kind::dies:
          base_.after(it.at, Event::Kind::dies, rank);
          break;
        case Misfortune::Kind::stops:
          if (it.lasts > run.scale / 4 || ++stops > 1) {
            judge_.excuse(rank);
          }
          base_.after(it.at, Event::Kind::stops, rank,
                      static_cast<std::uint64_t>(it.lasts.count()));
          break;
        case Misfortune::Kind::talks_nonsense:
          base_.after(it.at, Event::Kind::nonsense, rank);
          break;
      }
    }
  }
  for (const Pause& pause : run.rank_0_pauses) {
    base_.after(pause.at, Event::Kind::stops, kRank0,
                static_cast<std::uint64_t>(pause.lasts.count()));
  }
  for (const Pause& pause : run.suspensions) {
    for (const Rank rank : run.ranks.ids()) {
      const Duration skew = base_.random.duration(Duration(1), run.scale / 16);
      base_.after(pause.at, Event::Kind::suspends, rank,
                  static_cast<std::uint64_t>((pause.lasts + skew).count()));
    }
  }
}

void World::play() {
  while (!all_ended()) {
    require(!base_.events.empty() && played_ < kMostEvents, kEnds, "it goes on and on");
    ++played_;
    const Event event = base_.events.take_first();
    base_.now = event.at;
    dispatch(event);
  }
  check_ends();
}

bool World::is_gone(Rank rank) const {
  return rank == kRank0 ? rank_0_.gone() : worker(rank).ended() != WorkerEnd::not_yet;
}

// Without a time-out nothing ends a worker that is lost, or whose rank 0 is.
bool World::all_ended() const {
  if (!rank_0_.gone()) {
    return false;
  }
  const bool patient = base_.run.timeout == Duration::zero();
  for (const Rank rank : worker_ranks(base_.run.ranks.size())) {
    if (!is_gone(rank) && !(patient && (rank_0_.killed() || judge_.facts().of(rank).lost))) {
      return false;
    }
  }
  return true;
}

void World::dispatch(const Event& event) {
  if (event.kind == Event::Kind::resumes) {
    if (base_.now >= process(event.rank).stopped_until && process(event.rank).stopped) {
      resume(event.rank);
    }
  } else if (is_from_outside(event)) {
    if (!is_gone(event.rank)) {
      handle(event);
    }
  } else {
    Process& owner = process(owner_of(event));
    if (is_gone(owner_of(event)) || (is_tick(event) && event.number != owner.tick_number)) {
      return;
    }
    if (!owner.stopped || (is_of_compute_process(event) && !owner.suspended)) {
      handle(event);
    } else if (!is_tick(event)) {
      owner.deferred.push_back(event);
    }
  }
}

void World::handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::dies:
      die(event.rank);
      break;
    case Event::Kind::stops:
    case Event::Kind::suspends:
      stop(event);
      break;
    case Event::Kind::rank_0_tick:
    case Event::Kind::worker_tick:
      tick(event.rank);
      break;
    case Event::Kind::message_to_worker:
    case Event::Kind::repeated_to_worker:
    case Event::Kind::message_to_peer:
    case Event::Kind::processor_starts:
    case Event::Kind::process_word:
    case Event::Kind::process_step:
    case Event::Kind::fork_server_reply:
      handle_of_worker(event);
      break;
    default:
      rank_0_.handle(event);
  }
}

void World::handle_of_worker(const Event& event) {
  Worker& it = worker(event.rank);
  if (it.ended() != WorkerEnd::not_yet) {
    return;
  }
  if (event.kind == Event::Kind::processor_starts) {
    it.start_processor();
  } else if (event.kind == Event::Kind::process_word) {
    it.hear_processor(event);
  } else if (is_of_compute_process(event)) {
    it.step_processor(event);
  } else if (event.kind == Event::Kind::message_to_peer) {
    if (auto from_peer = network_.arrived_at_peer(event)) {
      it.take(from_peer->first, std::move(from_peer->second));
    }
  } else if (auto message = network_.arrived_at_worker(event)) {
    const bool stop = std::holds_alternative<Stop>(*message);
    it.take(std::move(*message));
    if (stop && event.rank != kRank0 && base_.random.chance(base_.run.dies_at_stop)) {
      base_.after(base_.random.any_scale(base_.run.scale / 10'000, base_.run.scale / 4),
                  Event::Kind::dies, event.rank);
    }
  }
  after_worker(event.rank);
}

// Loops look at the time far more often than they have to say something.
void World::tick(Rank rank) {
  if (rank == kRank0) {
    const Duration often = alive_every(base_.run.timeout);
    base_.after(base_.random.duration(often / 8, often / 8 * 7), Event::Kind::rank_0_tick, kRank0,
                process(kRank0).tick_number);
    rank_0_.handle({base_.now, 0, Event::Kind::rank_0_tick, kRank0, 0});
  } else {
    const Duration often = alive_every(kPatienceWithRank0 * base_.run.timeout);
    base_.after(base_.random.duration(often / 8, often / 2), Event::Kind::worker_tick, rank,
                process(rank).tick_number);
  }
  if (worker(rank).ended() == WorkerEnd::not_yet) {
    worker(rank).look_at_time();
    after_worker(rank);
  }
}

void World::stop(const Event& event) {
  base_.trace.note(base_.now, "stops", event.rank);
  const Duration lasts(static_cast<Duration::rep>(event.number));
  Process& it = process(event.rank);
  it.stopped = true;
  it.suspended |= event.kind == Event::Kind::suspends;
  it.stopped_until = std::max(it.stopped_until, base_.now + lasts);
  base_.after(lasts, Event::Kind::resumes, event.rank);
}

void World::resume(Rank rank) {
  constexpr unsigned kLooksAtTheTimeFirst = 500;
  base_.trace.note(base_.now, "goes on", rank);
  Process& it = process(rank);
  it.stopped = false;
  it.suspended = false;
  ++it.tick_number;
  const bool ticks_first = base_.random.chance(kLooksAtTheTimeFirst);
  if (ticks_first && !is_gone(rank)) {
    tick(rank);
  }
  for (const Event& event : std::exchange(it.deferred, {})) {
    if (!is_gone(rank)) {
      handle(event);
    }
  }
  if (!ticks_first && !is_gone(rank)) {
    tick(rank);
  }
}

void World::die(Rank rank) {
  constexpr unsigned kLastWordsAreLost = 500;
  if (is_gone(rank)) {
    return;
  }
  base_.trace.note(base_.now, "dies", rank);
  worker(rank).die();
  network_.drop_messages_to(rank);
  if (base_.random.chance(kLastWordsAreLost)) {
    network_.drop_messages_from(rank);
    network_.drop_messages_to_peers(rank);
  }
  after_worker(rank);
}

void World::after_worker(Rank rank) {
  const WorkerEnd end = worker(rank).ended();
  if (rank == kRank0 || end == WorkerEnd::not_yet || end == WorkerEnd::finalized) {
    return;
  }
  if (end == WorkerEnd::gave_up) {
    base_.trace.note(base_.now, "gives up", rank);
    const RunPlan& run = base_.run;
    require(rank_0_.gone() || judge_.facts().of(rank).lost || !run.rank_0_pauses.empty() ||
                run.far_too_late > 0,
            kGivesUp, "it does");
  }
  if (end != WorkerEnd::left) {
    judge_.excuse(rank);
  }
  if (base_.run.mpi_tells_deaths) {
    base_.after(base_.random.any_scale(base_.run.scale / 10'000, base_.run.scale / 4),
                Event::Kind::death_told, rank);
  }
}

void World::check_ends() const {
  if (rank_0_.killed()) {
    return;
  }
  for (const Rank rank : worker_ranks(base_.run.ranks.size())) {
    const WorkerEnd end = worker(rank).ended();
    const RankFacts& facts = judge_.facts().of(rank);
    const WorkerEnd right = judge_.facts().finalizes ? WorkerEnd::finalized : WorkerEnd::left;
    require(facts.lost || end == right || end == WorkerEnd::died || end == WorkerEnd::gave_up,
            kWayOut, "it left another way");
  }
}

}  // namespace bundle_match::simulation

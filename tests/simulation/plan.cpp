// How work, fleets and misfortunes are drawn. Every kind of misfortune is in some runs only, so
// that they are seen alone and together.
// SPDX-License-Identifier: Apache-2.0
#include "plan.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace bundle_match::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMostSetBytes = 20'000'000;

TaskPlan draw_task(Random& random, double usual, bool missing, bool troubled, bool large) {
  TaskPlan task;
  task.takes = usual * (0.2 + 2 * random.fraction());
  if (random.chance(20)) {
    task.takes = 3 * random.fraction();  // longer than the time-out
  }
  if (missing && random.chance(300)) {
    task.missing_on = static_cast<std::uint32_t>(random.below(1U << kHosts));
  }
  if (troubled && random.chance(200)) {
    task.trouble = static_cast<Trouble>(random.below(kTroubles));
    task.troubled = static_cast<std::uint32_t>(random.from_to(1, 3));
  }
  if (random.chance(200)) {
    task.pairs = static_cast<std::uint32_t>(random.from_to(1, 3));
  }
  if (large) {
    task.answer_bytes = static_cast<std::uint32_t>(random.rather_few(1, 2000));
  }
  return task;
}

StagePlan draw_stage(Random& random) {
  constexpr std::array<std::uint64_t, 5> kMostTasks{0, 4, 10, 20, 40};
  StagePlan stage;
  const double usual = random.chance(500) ? 0.002 : 0.1 * random.fraction();
  const bool missing = random.chance(250);
  const bool troubled = random.chance(250);
  const bool large = random.chance(150);
  stage.tasks.resize(random.from_to(0, kMostTasks[random.below(kMostTasks.size())]));
  for (TaskPlan& task : stage.tasks) {
    task = draw_task(random, usual, missing, troubled, large);
  }
  stage.rank_0_alone = random.chance(150);
  stage.rank_0_helps = random.chance(500);
  return stage;
}

// Pairs are with references: there are none without a set, or before it.
void draw_references(Random& random, WorkToDo& work) {
  const std::size_t brings_set =
      random.chance(700) ? random.below(work.stages.size()) : work.stages.size();
  for (std::size_t i = 0; i < work.stages.size() && i <= brings_set; ++i) {
    StagePlan& stage = work.stages[i];
    if (i == brings_set) {
      stage.set_bytes = random.rather_few(0, kMostSetBytes);
      stage.makes_set = !stage.tasks.empty() && random.chance(700);
      stage.dependents = stage.makes_set ? random.below(stage.tasks.size()) : 0;
    }
    for (std::uint64_t task = 0; task < stage.tasks.size(); ++task) {
      TaskPlan& it = stage.tasks[task];
      if (stage.is_dependent(task)) {
        it.pairs = std::max(it.pairs, 1U);
      } else if (i < brings_set || stage.makes_set) {
        it.pairs = 0;
      }
    }
  }
}

// Images are described, and matched with each other.
void draw_kept_features(Random& random, WorkToDo& work) {
  StagePlan describes = draw_stage(random);
  describes.rank_0_alone = false;
  describes.rank_0_helps = false;
  const std::size_t images = random.from_to(2, 8);
  describes.dependents = describes.tasks.size();
  describes.needs.resize(describes.dependents);
  for (std::size_t task = 0; task < describes.dependents; ++task) {
    std::vector<std::uint32_t>& needs = describes.needs[task];
    for (std::uint32_t image = 0; image < images; ++image) {
      if (random.chance(300)) {
        needs.push_back(image);
      }
    }
    while (needs.size() < 2) {
      needs = {0, static_cast<std::uint32_t>(random.from_to(1, images - 1))};
    }
    TaskPlan& it = describes.tasks[task];
    it.pairs = static_cast<std::uint32_t>(needs.size() - 1);
    it.missing_on = 0;
  }
  const bool missing = random.chance(200);
  for (std::size_t image = 0; image < images; ++image) {
    describes.tasks.push_back(draw_task(random, 0.05, missing, false, random.chance(100)));
    describes.tasks.back().pairs = 0;
  }
  StagePlan matches = describes;
  describes.kept = Kept::describes;
  matches.kept = Kept::matches;
  work.stages.push_back(std::move(describes));
  work.stages.push_back(std::move(matches));
}

std::vector<Misfortune> draw_misfortunes(Random& random, const RunPlan& run, Duration horizon,
                                         unsigned dies, unsigned stops, unsigned talks_nonsense) {
  std::vector<Misfortune> misfortunes;
  const auto at = [&] { return random.any_scale(run.scale / 2000, horizon); };
  if (random.chance(dies)) {
    misfortunes.push_back({Misfortune::Kind::dies, at(), {}});
  }
  while (random.chance(stops)) {
    const Duration longest = random.chance(500) ? run.scale / 4 : 3 * run.scale;
    misfortunes.push_back(
        {Misfortune::Kind::stops, at(), random.any_scale(run.scale / 100, longest)});
  }
  if (random.chance(talks_nonsense)) {
    misfortunes.push_back({Misfortune::Kind::talks_nonsense, at(), {}});
  }
  return misfortunes;
}

// About how long the run would take without misfortunes.
Duration estimate(const RunPlan& run, const WorkToDo& work) {
  double takes = 0.5;
  for (const StagePlan& stage : work.stages) {
    for (const TaskPlan& task : stage.tasks) {
      takes += task.takes / static_cast<double>(stage.rank_0_alone ? 1 : run.ranks.size());
    }
  }
  return Duration(static_cast<Duration::rep>(takes * static_cast<double>(run.scale.count())));
}

void draw_fleet(Random& random, RunPlan& run) {
  const unsigned in_container = random.chance(200) ? 300 : 0;
  const unsigned late = random.chance(300) ? 300 : 0;
  run.ranks.resize(random.from_to(1, 6));
  for (RankPlan& rank : run.ranks) {
    rank.host = static_cast<unsigned>(random.below(kHosts));
    rank.in_container = random.chance(in_container);
    rank.ready_after =
        random.any_scale(run.scale / 2000, random.chance(late) ? 2 * run.scale : run.scale / 50);
  }
  run.ranks.at(kRank0).host = 0;
  run.ranks.at(kRank0).in_container = false;
}

// Ranks are bound to a core each, or may use all of their host; some do not know which.
void draw_cores(Random& random, RunPlan& run) {
  const unsigned not_known = random.chance(100) ? 300 : 0;
  run.threads = random.chance(200) ? static_cast<int>(random.from_to(2, 3)) : 1;
  for (unsigned host = 0; host < kHosts; ++host) {
    const auto cores = static_cast<std::uint16_t>(random.from_to(1, 8));
    const bool bound = random.chance(500);
    std::uint16_t next = 0;
    for (RankPlan& rank : run.ranks) {
      if (rank.host != host || random.chance(not_known)) {
        continue;
      }
      for (std::uint16_t core = 0; core < cores; ++core) {
        if (!bound || core == next % cores) {
          rank.cores.push_back(core);
        }
      }
      ++next;
    }
  }
}

void draw_sink(Random& random, RunPlan& run, bool calm) {
  if (random.chance(250)) {
    run.backlog = {random.rather_few(1, 10), random.rather_few(500, 20'000)};
  }
  run.item_takes = random.any_scale(run.scale / 100'000, run.scale / 40);
  if (random.chance(200)) {
    run.item_stalls = static_cast<unsigned>(random.rather_few(5, 150));
    run.stall = random.any_scale(run.scale / 10, 4 * run.scale);
  }
  if (!calm && random.chance(120)) {
    run.sink_fails_at = random.rather_few(0, 80);
  }
}

std::vector<Pause> draw_pauses(Random& random, const RunPlan& run, Duration horizon,
                               Duration longest) {
  std::vector<Pause> pauses;
  do {
    pauses.push_back(
        {random.any_scale(run.scale / 2000, horizon), random.any_scale(run.scale / 20, longest)});
  } while (random.chance(300));
  return pauses;
}

void draw_misfortunes(Random& random, RunPlan& run, Duration horizon) {
  const unsigned dies = random.chance(450) ? 400 : 0;
  const unsigned stops = random.chance(300) ? 400 : 0;
  const unsigned talks_nonsense = random.chance(100) ? 150 : 0;
  for (const Rank rank : worker_ranks(run.ranks.size())) {
    run.ranks[rank].misfortunes =
        draw_misfortunes(random, run, horizon, dies, stops, talks_nonsense);
  }
  run.dies_at_stop = random.chance(100) ? 200 : 0;
  run.repeated = random.chance(200) ? 60 : 0;
  run.far_too_late = random.chance(80) && run.timeout > Duration::zero() ? 5 : 0;
  run.fails_to_start = random.chance(100) ? static_cast<unsigned>(random.from_to(50, 500)) : 0;
  run.troubled = random.chance(150) ? 100 : 0;
  run.references_are_bad = random.chance(60);
  if (random.chance(150)) {
    run.end_asked_at = random.rather_few(1, 300);
    run.end_asked_twice = random.chance(300);
  }
  if (random.chance(150)) {
    run.killed_at = random.rather_few(1, 400);
  }
  if (random.chance(120)) {
    run.rank_0_pauses = draw_pauses(random, run, horizon, 4 * run.scale);
  }
}

}  // namespace

WorkToDo draw_work(Random& random) {
  WorkToDo work;
  const bool keeps_features = random.chance(300);
  work.stages.resize(keeps_features ? random.from_to(0, 1) : random.from_to(1, 3));
  for (StagePlan& stage : work.stages) {
    stage = draw_stage(random);
  }
  if (keeps_features) {
    for (StagePlan& stage : work.stages) {
      for (TaskPlan& task : stage.tasks) {
        task.pairs = 0;
      }
    }
    draw_kept_features(random, work);
  } else {
    draw_references(random, work);
  }
  return work;
}

RunPlan draw_run(Random& random, const WorkToDo& work, bool calm) {
  constexpr std::array<milliseconds, 6> kTimeouts{milliseconds(0),    milliseconds(500),
                                                  milliseconds(1000), milliseconds(2000),
                                                  milliseconds(8000), milliseconds(30'000)};
  RunPlan run;
  run.timeout = kTimeouts[random.below(kTimeouts.size())];
  run.scale = run.timeout > Duration::zero() ? run.timeout : seconds(8);
  run.mpi_tells_deaths = run.timeout == Duration::zero() || random.chance(500);
  run.sends_files = random.chance(150);
  if (random.chance(600)) {
    run.task_limit = random.any_scale(run.scale / 10, 4 * run.scale);
  }
  run.longest_delay = random.any_scale(run.scale / 10'000, run.scale / 8);
  run.late_messages_are_dropped = random.chance(500);
  draw_fleet(random, run);
  draw_sink(random, run, calm);
  const Duration horizon = estimate(run, work);
  if (!calm) {
    draw_misfortunes(random, run, horizon);
  }
  if (random.chance(100)) {
    run.suspensions = draw_pauses(random, run, horizon, 1000 * run.scale);
  }
  draw_cores(random, run);
  return run;
}

}  // namespace bundle_match::simulation

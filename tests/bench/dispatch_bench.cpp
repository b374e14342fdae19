// How many tasks rank 0 hands out a second, and how busy that keeps the other ranks: the program's
// own coordinator, workers and link, around a sleep instead of a computation. Run by mpirun:
//
//   mpirun -n RANKS dispatch_bench [TASK_MS [TASKS]]
//
// Rank 0 takes part with tasks of 1 ms at least, and they do not count: they cost no message.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"
#include "command/run_input.hpp"
#include "rank0/coordinator.hpp"
#include "sleeping_processor.hpp"
#include "worker/worker.hpp"

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace bundle_match::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Duration = std::chrono::duration<double>;

constexpr Duration kShortestOfRank0{0.001};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// All ranks sleep their even share of the tasks, without a message: what no hand-out can beat on
// this machine. Seconds, on rank 0.
double static_split(std::size_t tasks, int workers, Duration task) {
  MPI_Barrier(MPI_COMM_WORLD);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const auto start = Clock::now();
  if (rank > 0) {
    const auto number = static_cast<std::size_t>(rank - 1);
    const auto count = static_cast<std::size_t>(workers);
    const std::size_t share = tasks / count + (number < tasks % count ? 1 : 0);
    for (std::size_t i = 0; i < share; ++i) {
      std::this_thread::sleep_for(task);
    }
  }
  // Not MPI_Barrier: the ranks that wait would burn the cores that others need to wake up.
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  for (int done = 0; done == 0;) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return Duration(Clock::now() - start).count();
}

struct Measured {
  std::size_t tasks = 0;  // done by others than rank 0
  double seconds = 0;
  double first_order_s = 0;  // after so long, on average, workers had their first order
  double cpu_s = 0;          // of rank 0
  bool finished = false;
};

// On rank 0: the mean over the workers. All ranks call it; those of one host have one clock.
Clock::time_point mean_first_order(const SleepingProcessor& processor) {
  const Clock::time_point none{};
  const Duration mine = processor.first_order_at().value_or(Clock::now()).time_since_epoch();
  double own = mine.count();
  double sum = 0;
  MPI_Reduce(&own, &sum, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  return none + std::chrono::duration_cast<Clock::duration>(Duration((sum - own) / (ranks - 1)));
}

Measured hand_out(transport::Link& link, std::size_t tasks, Duration task) {
  Job job;
  job.rank_timeout_s = 0;
  link.broadcast(job);
  if (link.rank() != kRank0) {
    SleepingProcessor processor(task);
    app::run_worker(link, processor, job);
    mean_first_order(processor);
    return {};
  }
  app::RunInput input;
  for (std::size_t i = 0; i < tasks; ++i) {
    input.images.add("/a/folder/of/a/usual/length/photograph_" + std::to_string(i) + ".jpg");
  }
  input.hand_out_order.resize(tasks);
  std::iota(input.hand_out_order.begin(), input.hand_out_order.end(), ImageIndex());
  input.given_references.add("/proc/self/exe");  // a file that is there
  input.hosts = ById<Rank, std::string>(link.size(), "host");
  input.command.output = "/dev/null";
  input.command.progress = app::ProgressMode::never;
  app::Console console(false, true);
  SleepingProcessor own(std::max(task, kShortestOfRank0));
  app::Coordinator coordinator(link, own, input, console, job.rank_timeout_s, Clock::now());
  const double cpu_before = cpu_seconds();
  const machine::Finish finish = coordinator.run();
  Measured outcome;
  outcome.cpu_s = cpu_seconds() - cpu_before;
  outcome.finished = finish.outcome == bundle_match::Outcome(Finished{});
  outcome.tasks = tasks - coordinator.ranks().at(kRank0).images;
  outcome.seconds = coordinator.stage_elapsed_s();
  outcome.first_order_s = Duration(mean_first_order(own) - coordinator.stage_start()).count();
  return outcome;
}

int run(int argc, char** argv) {
  transport::Link link(argc, argv);
  const double task_ms = argc > 1 ? std::atof(argv[1]) : 0;
  const Duration task{task_ms / 1000};
  const int workers = static_cast<int>(link.size()) - 1;
  if (workers < 1) {
    std::fputs("dispatch_bench: run it by mpirun on two ranks or more\n", stderr);
    return 2;
  }
  constexpr std::size_t kShortTasks = 2000000;
  constexpr std::size_t kTasksPerWorker = 100;
  const std::size_t tasks = argc > 2       ? std::stoul(argv[2])
                            : task_ms == 0 ? kShortTasks
                                           : kTasksPerWorker * static_cast<std::size_t>(workers);
  const double ideal_s = task_ms > 0 ? static_split(tasks, workers, task) : 0;
  const Measured outcome = hand_out(link, tasks, task);
  if (link.rank() != kRank0) {
    return 0;
  }
  if (!outcome.finished) {
    std::fputs("dispatch_bench: the run did not finish\n", stderr);
    return 1;
  }
  const auto done = static_cast<double>(outcome.tasks);
  std::printf("%4d workers, %g ms: %.0f tasks/s, rank 0 takes %.1f us of CPU a task", workers,
              task_ms, done / outcome.seconds, 1e6 * outcome.cpu_s / done);
  if (task_ms > 0) {
    const auto busy = [&](double count, double seconds) {
      return 100 * count * task.count() / (seconds * workers);
    };
    std::printf(
        "; workers busy %.1f %% (%.1f %% from their first order on), in a static split %.1f %%",
        busy(done, outcome.seconds), busy(done, outcome.seconds - outcome.first_order_s),
        busy(static_cast<double>(tasks), ideal_s));
  }
  std::printf("\n");
  return 0;
}

}  // namespace
}  // namespace bundle_match::bench

int main(int argc, char** argv) {
  try {
    return bundle_match::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dispatch_bench: %s\n", error.what());
    return 1;
  }
}

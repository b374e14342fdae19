// A list of millions of paths through everything of rank 0 but the computation: how soon it hands
// out, how fast it goes on, what memory it needs, with journal, output and a resume. By mpirun:
//
//   mpirun -n 3 big_list_bench FOLDER [MILLIONS]            (FOLDER takes some 300 bytes a path)
//   mpirun -n 3 big_list_bench FOLDER MILLIONS PARTNERS     so many pairs, PARTNERS of each image
//
// Peak memory is that of the process: the second run, which finds everything done, has its own.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"
#include "command/hand_out_order.hpp"
#include "command/input_expansion.hpp"
#include "command/run_input.hpp"
#include "rank0/coordinator.hpp"
#include "sleeping_processor.hpp"
#include "worker/worker.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace bundle_match::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_gib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

void write_list(const fs::path& list, std::size_t paths) {
  std::ofstream file(list, std::ios::binary);
  for (std::size_t i = 0; i < paths; ++i) {
    file << "/data/survey/flight_" << i / 100000 << "/photographs/image_" << i << ".jpg\n";
  }
}

// Each image with so many others that stand anywhere.
PairSet partners_of(std::size_t images, std::size_t partners) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same pairs each time
  std::vector<PairSet::Pair> pairs;
  for (std::uint64_t image = 0; image < images; ++image) {
    for (std::size_t i = 0; i < partners; ++i) {
      const std::uint64_t other = random() % images;
      if (other != image) {
        pairs.push_back({ImageIndex(image), ImageIndex(other)});
      }
    }
  }
  return PairSet::of(images, std::move(pairs));
}

// As job_run does it.
void match(transport::Link& link, const app::CommandLine& command, std::size_t partners) {
  const auto start = Clock::now();
  app::RunInput input;
  input.command = command;
  input.images = app::expand_input({{}, command.lists, false, false});
  const double read_s = seconds_since(start);
  input.hand_out_order = app::hand_out_order(input.images);
  if (partners > 0) {
    input.pairs = std::make_shared<const PairSet>(partners_of(input.images.size(), partners));
  } else {
    input.given_references.add("/proc/self/exe");  // only its hash is taken
  }
  input.hosts = ById<Rank, std::string>(link.size(), "host");
  app::Console console(false, false);
  SleepingProcessor own(std::chrono::milliseconds(1));
  app::Coordinator coordinator(link, own, input, console, 0, start);
  const machine::Finish finish = coordinator.run();
  const double first_s = own.first_order_at()
                             ? std::chrono::duration<double>(*own.first_order_at() - start).count()
                             : 0;
  std::size_t done = 0;
  for (const app::RankRecord& rank : coordinator.ranks()) {
    done += rank.images;
  }
  std::printf(
      "%zu paths, %zu pairs, %zu images done now: list read in %.2f s, first order after %.2f s, "
      "%.0f images/s, %.1f s in all, longest pause of rank 0's loop %.1f ms, its peak memory so "
      "far "
      "%.2f GiB, journal %.1f MB\n",
      input.images.size(), input.pairs ? static_cast<std::size_t>(input.pairs->size()) : 0, done,
      read_s, first_s, done > 0 ? static_cast<double>(done) / coordinator.stage_elapsed_s() : 0.0,
      seconds_since(start), coordinator.longest_pause_ms(), peak_gib(),
      static_cast<double>(fs::file_size(command.output + ".journal")) / 1e6);
  if (finish.outcome != Outcome(Finished{})) {
    std::puts("the run did not finish");
  }
}

int run(int argc, char** argv) {
  transport::Link link(argc, argv);
  if (argc < 2) {
    std::fputs("usage: mpirun -n 3 big_list_bench FOLDER [MILLIONS [PARTNERS]]\n", stderr);
    return 2;
  }
  const fs::path folder = argv[1];
  const double millions = argc > 2 ? std::atof(argv[2]) : 10;
  const auto partners = static_cast<std::size_t>(argc > 3 ? std::atoi(argv[3]) : 0);
  const fs::path list = folder / "big_list";
  const fs::path output = folder / "big_list.csv";
  if (link.rank() == kRank0) {
    const double paths = millions * 1e6 / static_cast<double>(std::max<std::size_t>(partners, 1));
    write_list(list, static_cast<std::size_t>(paths));
  }
  app::CommandLine command;
  command.lists = {list.string()};
  if (partners > 0) {
    command.pair_lists = {"made here"};  // images are matched with each other
  }
  command.output = output.string();
  command.overwrite = true;
  command.progress = app::ProgressMode::never;
  for (const bool again : {false, true}) {
    Job job;
    job.rank_timeout_s = 0;
    link.broadcast(job);
    if (link.rank() == kRank0) {
      command.overwrite = !again;
      match(link, command, partners);
    } else {
      SleepingProcessor processor(std::chrono::seconds(0));
      app::run_worker(link, processor, job);
    }
  }
  if (link.rank() == kRank0) {
    fs::remove(list);
    fs::remove(output);
    fs::remove(output.string() + ".journal");
  }
  return 0;
}

}  // namespace
}  // namespace bundle_match::bench

int main(int argc, char** argv) {
  try {
    return bundle_match::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "big_list_bench: %s\n", error.what());
    return 1;
  }
}

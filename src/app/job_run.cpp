// The order of things in a run.
// SPDX-License-Identifier: Apache-2.0
#include "job_run.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/matching/kernel.hpp"
#include "coordinator.hpp"
#include "describe_phase.hpp"
#include "draw_pictures.hpp"
#include "launch.hpp"
#include "match_phase.hpp"
#include "progress.hpp"
#include "run_ending.hpp"
#include "run_preparation.hpp"
#include "run_state.hpp"
#include "signals.hpp"
#include "worker.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

// The job as this rank does it: with its kernel, and its share of the node's memory.
Job local_job(const Job& job, int ranks_on_this_node) {
  Job local = job;
  if (local.options.kernel.empty()) {
    local.options.kernel = matching::fastest_kernel().name;
  } else if (const auto* kernel = matching::find_kernel(local.options.kernel);
             kernel == nullptr || !kernel->supported()) {
    throw std::runtime_error("--kernel " + local.options.kernel + ": this rank's CPU lacks it");
  }
  if (local.options.memory_limit_bytes == 0) {
    local.options.memory_limit_bytes = memory_share_bytes(ranks_on_this_node);
  }
  return local;
}

// Opens the journal while the other ranks hear that this one is alive.
std::optional<ExitCode> open_journal_in_touch(Run& run, Coordinator& coordinator) {
  std::optional<ExitCode> code;
  coordinator.keep_in_touch([&] { code = open_journal(run); });
  return code;
}

// What short runs stored in the cache adds up; and a folder of millions takes a while.
void prune_cache(const MatchOptions& options, Coordinator& coordinator) {
  if (!options.cache_dir.empty() && options.cache_limit_bytes > 0) {
    coordinator.keep_in_touch(
        [&] { cache::FeatureCache(options.cache_dir, options.cache_limit_bytes).prune(); });
  }
}

// Both phases; the exit code is that of the run.
ExitCode describe_and_match(Run& run, Coordinator& coordinator) {
  prune_cache(run.command.match, coordinator);
  // A run of references begins its journal when they are known to be good.
  if (run.work.all_pairs()) {
    if (const auto code = open_journal_in_touch(run, coordinator)) {
      return *code;
    }
  }
  LargeVector<TaskId> to_describe = references_to_describe(run);
  const bool one_reference = !run.work.all_pairs() && to_describe.size() == 1;
  DescribePhase describing(run.data(), to_describe.size());
  coordinator.run(describing, std::move(to_describe), one_reference);
  run.describing_s = coordinator.elapsed_s();
  if (coordinator.interrupted()) {
    return say_interrupted(run);
  }
  if (describing.unusable() > 0) {
    return ExitCode::reference_unusable;
  }
  if (run.references.size() > 1) {
    run.log.info("{} {} described: {} features", run.references.size(),
                 run.work.all_pairs() ? "images" : "references", describing.features());
  }
  if (!run.work.all_pairs()) {
    if (const auto code = open_journal_in_touch(run, coordinator)) {
      return *code;
    }
  }
  coordinator.share_references(describing.make_set());
  MatchPhase matching(run.data());
  coordinator.run(matching, remaining_tasks(run));
  run.matching_s = coordinator.elapsed_s();
  return coordinator.interrupted() ? say_interrupted(run) : write_output(run);
}

// What is drawn once the results are written; the exit code is that of the run.
ExitCode draw(Run& run, Coordinator& coordinator, ExitCode code) {
  const bool finished = code == ExitCode::all_matched || code == ExitCode::some_images_failed;
  if (finished && run.picture_files) {
    draw_files(run.data(), coordinator, *run.picture_files,
               {run.command.send_images, run.command.draw.best,
                run.done_before > 0 && !run.command.overwrite});
  }
  if (finished && run.report && !coordinator.interrupted()) {
    run.pictures = pictures_for_report(run.data(), coordinator,
                                       {run.command.send_images, kDrawnInReport, false});
  }
  return finished && coordinator.interrupted() ? ExitCode::interrupted : code;
}

ExitCode do_work(Run& run, const Job& job, transport::Link& link, compute::ForkServer& fork_server,
                 int ranks_on_this_node) {
  Progress progress(*run.plan.console, run.command.progress, run.command.quiet);
  compute::ComputeClient own_compute(fork_server, local_job(job, ranks_on_this_node));
  Coordinator coordinator({link, own_compute, run.ranks, run.results, run.resumed,
                           *run.plan.console, progress, run.launch, run.command.send_images,
                           run.command.progress_detail, run.command.match.mask_dir},
                          job.rank_timeout_s);
  ExitCode code = ExitCode::all_matched;
  try {
    code = draw(run, coordinator, describe_and_match(run, coordinator));
  } catch (const std::system_error& error) {
    progress.finish();
    code = output_failed(run, error);
  } catch (const std::exception&) {
    progress.finish();
    if (run.resumed.journal) {
      run.log.warn("the same command goes on from there: {}", run.launch);
    }
    throw;
  }
  if (const std::string problem = own_compute.take_problem(); !problem.empty()) {
    run.log.warn("rank 0: {}", problem);
  }
  coordinator.stop_workers();
  if (finished_code(run.results) == code) {
    code = end_run(run, code);  // now it is known which ranks were lost
  }
  if (coordinator.ranks_were_lost()) {
    run.plan.console->log().flush();
    transport::Link::leave(to_int(code));
  }
  return code;
}

}  // namespace

ExitCode run_rank_0(Plan plan, transport::Link& link, compute::ForkServer& fork_server) {
  const int ranks_on_this_node = link.ranks_on_this_node();
  const std::vector<std::string> hosts = link.gather_hosts();
  Job job;
  const auto leave = [&](ExitCode code) {
    job.stage = Job::Stage::over;
    link.broadcast(job);
    return code;
  };
  if (!plan.command) {
    return leave(plan.exit_code);
  }
  if (const auto why = why_not_connected(link.size())) {
    if (announced_rank().value_or(0) == 0) {
      plan.console->log().error("{}", *why);
    }
    return leave(ExitCode::wrong_usage);
  }
  if (plan.command->dry_run) {
    print_dry_run(plan, hosts);
    return leave(ExitCode::all_matched);
  }
  Run run(plan);
  for (const std::string& host : hosts) {
    run.ranks.emplace_back().host = host;
  }
  job.options = plan.command->match;
  job.ranks = static_cast<std::uint32_t>(link.size());
  job.rank_timeout_s = plan.command->rank_timeout_s;
  const std::uint64_t memory = local_job(job, ranks_on_this_node).options.memory_limit_bytes;
  run.log.info("{} images, {}{}", plan.images.size(), hosts_text(hosts),
               memory > 0 ? fmt::format(", {:.1f} GiB of memory for each rank here",
                                        static_cast<double>(memory) / (1U << 30))
                          : "");
  if (const auto code = open_output(run)) {
    return leave(*code);
  }
  if (const auto code = check_references(plan)) {
    return leave(*code);
  }
  count_end_signals();
  link.broadcast(job);
  return do_work(run, job, link, fork_server, ranks_on_this_node);
}

void run_other_rank(transport::Link& link, compute::ForkServer& fork_server) {
  ignore_end_signals();
  const int ranks_on_this_node = link.ranks_on_this_node();
  (void)link.gather_hosts();
  Job job;
  link.broadcast(job);
  if (job.stage == Job::Stage::working) {
    compute::ComputeClient compute(fork_server, local_job(job, ranks_on_this_node));
    run_worker(link, compute, job.rank_timeout_s);
  }
}

}  // namespace bundle_match::app

// The order of things in a run.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/job_run.hpp"

#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/matching/kernel.hpp"
#include "command/run_input.hpp"
#include "process/launch.hpp"
#include "process/signals.hpp"
#include "rank0/coordinator.hpp"
#include "rank0/dry_run.hpp"
#include "worker/worker.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace bundle_match::app {
namespace {

// Times the rank time-out: only now do ranks connect to each other, on all hosts at once.
constexpr double kPatienceAtStart = 10;

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

Job job_of(const CommandLine& command, std::size_t ranks) {
  Job job;
  job.options = command.match;
  job.ranks = static_cast<std::uint32_t>(ranks);
  job.rank_timeout_s = command.rank_timeout_s;
  job.rank_0_takes_features = command.rank_0_takes_features();
  return job;
}

RunInput run_input(PreparedCommand& prepared, ById<Rank, std::string> hosts) {
  RunInput input;
  input.command = std::move(*prepared.command);
  input.launch = launch_command(prepared.arguments);
  input.images = std::move(prepared.images);
  input.given_references = std::move(prepared.references);
  input.pairs = std::move(prepared.pairs);
  input.reference_images = std::move(prepared.reference_images);
  input.hand_out_order = std::move(prepared.order);
  input.hosts = std::move(hosts);
  return input;
}

ExitCode do_work(const RunInput& input, Console& console, const Job& job,
                 std::chrono::steady_clock::time_point start, transport::Link& link,
                 compute::ForkServer& fork_server) {
  compute::ComputeClient processor(fork_server, job);
  machine::Finish finish;
  {
    Coordinator coordinator(link, processor, input, console, job.rank_timeout_s, start);
    finish = coordinator.run();
  }
  const ExitCode code = exit_code_of(finish.outcome);
  if (!finish.finalize) {
    console.log().flush();
    transport::Link::leave(to_int(code));
  }
  return code;
}

}  // namespace

ExitCode run_rank_0(PreparedCommand prepared, transport::Link& link,
                    compute::ForkServer& fork_server) {
  const double rank_timeout_s =
      prepared.command ? prepared.command->rank_timeout_s : Job().rank_timeout_s;
  const transport::Hosts hosts = link.gather_hosts(kPatienceAtStart * rank_timeout_s);
  const auto leave = [&](ExitCode code) {
    Job job;
    job.stage = Job::Stage::over;
    link.broadcast(job);
    return code;
  };
  if (!prepared.command) {
    return leave(prepared.exit_code);
  }
  Console& console = *prepared.console;
  if (const auto why = why_not_connected(link.size())) {
    if (announced_rank().value_or(kRank0) == kRank0) {
      console.log().error("{}", *why);
    }
    return leave(ExitCode::wrong_usage);
  }
  if (prepared.command->dry_run) {
    print_dry_run(prepared, hosts.names);
    return leave(ExitCode::all_matched);
  }
  const RunInput input = run_input(prepared, hosts.names);
  Job job = job_of(input.command, link.size());
  const Job own_job = local_job(job, hosts.ranks_here);
  const std::uint64_t memory = own_job.options.memory_limit_bytes;
  console.log().info("{} images, {}{}", input.images.size(), hosts_text(hosts.names),
                     memory > 0 ? fmt::format(", {:.1f} GiB of memory for each rank here",
                                              static_cast<double>(memory) / (1U << 30))
                                : "");
  count_end_signals();
  link.broadcast(job);
  return do_work(input, console, own_job, prepared.start, link, fork_server);
}

void run_other_rank(transport::Link& link, compute::ForkServer& fork_server) {
  ignore_end_signals();
  Job job;
  const transport::Hosts hosts = link.gather_hosts(kPatienceAtStart * job.rank_timeout_s);
  link.broadcast(job);
  if (job.stage == Job::Stage::working) {
    compute::ComputeClient processor(fork_server, local_job(job, hosts.ranks_here));
    run_worker(link, processor, job);
  }
}

}  // namespace bundle_match::app

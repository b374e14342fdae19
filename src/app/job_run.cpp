// The order of things in a run.
// SPDX-License-Identifier: Apache-2.0
#include "job_run.hpp"

#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "bundle_match/matching/kernel.hpp"
#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "coordinator.hpp"
#include "hand_out_order.hpp"
#include "input_expansion.hpp"
#include "launch.hpp"
#include "progress.hpp"
#include "resume.hpp"
#include "row_writer.hpp"
#include "signals.hpp"
#include "summary.hpp"
#include "worker.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <future>
#include <set>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

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

std::string hosts_text(const std::vector<std::string>& hosts) {
  const std::set<std::string> different(hosts.begin(), hosts.end());
  return fmt::format("{} rank{} on {} host{}", hosts.size(), hosts.size() == 1 ? "" : "s",
                     different.size(), different.size() == 1 ? "" : "s");
}

// What --dry-run prints: the images as they would be named in the results, then the ranks.
void print_dry_run(const Plan& plan, const std::vector<std::string>& hosts) {
  results::OutputFile out("-");
  std::string lines;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    if (plan.command->null_separated) {
      lines.append(plan.paths[i]).push_back('\0');
    } else {
      const auto path = results::escape_path(plan.paths[i]);
      lines.append(path.escaped ? "\\" : "").append(path.path).push_back('\n');
    }
  }
  out.write(lines);
  let_launcher_read_output();
  plan.console->log().info("would match {} images on {}", plan.paths.size(), hosts_text(hosts));
  for (std::size_t rank = 0; rank < hosts.size(); ++rank) {
    plan.console->log().info("rank {} on {}", rank, hosts[rank]);
  }
}

// The images that are left to do, in the order to hand them out.
std::vector<ImageIndex> remaining(const Plan& plan, const results::ResultTable& results) {
  std::vector<ImageIndex> order;
  for (const ImageIndex image : plan.order) {
    if (!results.has(image)) {
      order.push_back(image);
    }
  }
  return order;
}

// Everything that rank 0 needs from the moment its arguments are known to be right.
struct Run {
  Run(const Plan& run_plan, transport::Link& run_link, compute::ForkServer& server)
      : plan(run_plan),
        command(*run_plan.command),
        link(run_link),
        fork_server(server),
        log(run_plan.console->log()),
        results(run_plan.paths.size()) {}

  const Plan& plan;
  const CommandLine& command;
  transport::Link& link;
  compute::ForkServer& fork_server;
  spdlog::logger& log;
  results::ResultTable results;
  std::vector<RankRecord> ranks;
  int ranks_on_this_node = 1;
  Resumed resumed;
  std::size_t done_before = 0;  // images that an earlier run did
  std::optional<RowWriter> writer;
  double reference_s = 0;
};

// Does the work beside the link, over which the other ranks hear that rank 0 is alive.
template <class Work>
std::invoke_result_t<Work> in_touch(const Run& run, const Work& work) {
  Job preparing;
  preparing.rank_timeout_s = run.command.rank_timeout_s;
  auto result = std::async(std::launch::async, work);
  do {
    run.link.broadcast(preparing);
  } while (result.wait_for(kAliveEvery) != std::future_status::ready);
  return result.get();
}

// The reference's descriptors; the exit code if it cannot be used.
std::optional<ExitCode> describe_reference(const Run& run, Job& job) {
  const std::string& path = run.command.reference;
  const std::string name = results::escape_path(path).path;
  compute::ComputeClient compute(run.fork_server, local_job(job, run.ranks_on_this_node));
  ReferenceReport reference = compute.describe(path);
  const ImageReport& report = reference.report;
  if (report.status != ImageStatus::ok) {
    run.log.error("reference {}: {}: {}", name, to_string(report.status), report.reason);
    return ExitCode::reference_unusable;
  }
  if (reference.descriptors.rows == 0) {
    run.log.error("reference {}: no features in it ({} x {} pixels)", name, report.width,
                  report.height);
    return ExitCode::reference_unusable;
  }
  run.log.info("reference {}: {} features", name, reference.descriptors.rows);
  job.reference = std::move(reference.descriptors);
  return std::nullopt;
}

ExitCode finished_code(const results::ResultTable& results) {
  return results.failed() > 0 ? ExitCode::some_images_failed : ExitCode::all_matched;
}

void print_summary(const Run& run, double matching_s) {
  const std::chrono::duration<double> total = std::chrono::steady_clock::now() - run.plan.start;
  for (const std::string& line : summary_lines(run.results, run.ranks, run.done_before,
                                               {total.count(), run.reference_s, matching_s})) {
    run.log.info("{}", line);
  }
}

void end_journal(Run& run) {
  if (run.resumed.journal) {
    run.resumed.journal->write_end();
    run.resumed.journal->sync();
  }
}

ExitCode write_output(Run& run) {
  end_journal(run);
  run.writer->write_all(run.command, run.plan.paths, run.results);
  let_launcher_read_output();
  return finished_code(run.results);
}

// What is done when the matching is over, whatever it ended with.
ExitCode conclude(Run& run, const Coordinator& coordinator) {
  if (coordinator.interrupted()) {
    run.log.warn("interrupted: {} of {} images are done{}", run.results.done(), run.results.size(),
                 run.resumed.journal ? "" : ", and lost, as only --output FILE keeps them");
    end_journal(run);
    return ExitCode::interrupted;
  }
  return write_output(run);
}

ExitCode output_failed(const Run& run, const std::system_error& error) {
  run.log.error("{}{}", error.what(),
                run.resumed.journal
                    ? "; what was computed is kept, the same command goes on from there"
                    : "");
  return ExitCode::wrong_usage;
}

ExitCode match_bundle(Run& run, const Job& job, std::vector<ImageIndex> order) {
  Progress progress(*run.plan.console, run.command.progress, run.command.quiet);
  compute::ComputeClient own_compute(run.fork_server, local_job(job, run.ranks_on_this_node));
  const std::string command = launch_command(run.plan.arguments);
  Coordinator coordinator(
      {run.link, own_compute, run.plan.paths, run.results, run.ranks, run.resumed,
       *run.plan.console, progress, command, run.command.send_images, run.command.progress_detail},
      std::move(order), job.rank_timeout_s);
  ExitCode code = ExitCode::all_matched;
  try {
    coordinator.run();
    code = conclude(run, coordinator);
  } catch (const std::system_error& error) {
    progress.finish();
    code = output_failed(run, error);
  } catch (const std::exception&) {
    progress.finish();
    if (run.resumed.journal) {
      run.log.warn("the same command goes on from there: {}", command);
    }
    throw;
  }
  coordinator.stop_workers();
  if (code == ExitCode::all_matched || code == ExitCode::some_images_failed) {
    print_summary(run, coordinator.elapsed_s());  // now it is known which ranks were lost
  }
  if (coordinator.ranks_were_lost()) {
    run.plan.console->log().flush();
    transport::Link::leave(to_int(code));
  }
  return code;
}

// Both before the reference, which may take a while, and after it, as only then a journal is begun:
// the exit code if the output cannot be written, or not be gone on with.
std::optional<ExitCode> open_output(Run& run) {
  try {
    run.writer.emplace(run.command);
    return std::nullopt;
  } catch (const std::system_error& error) {
    run.log.error("--output {}", error.what());
    return ExitCode::wrong_usage;
  }
}

std::optional<ExitCode> open_journal(Run& run) {
  try {
    run.resumed = resume(run.command, run.plan.paths, run.results, run.log);
    run.done_before = run.results.done();
    return std::nullopt;
  } catch (const ResumeError& error) {
    run.log.error("{}", error.what());
    return ExitCode::wrong_usage;
  } catch (const std::system_error& error) {
    return output_failed(run, error);
  }
}

ExitCode write_what_is_known(Run& run) {
  run.log.info("nothing to do: all {} images are done", run.results.done());
  try {
    return write_output(run);
  } catch (const std::system_error& error) {
    return output_failed(run, error);
  }
}

}  // namespace

Plan make_plan(int argc, const char* const* argv) {
  Plan plan;
  plan.arguments.assign(argv, argv + argc);
  auto parsed = parse_command_line(argc, argv);
  if (auto* exit_now = std::get_if<ExitNow>(&parsed)) {
    plan.exit_code = exit_now->code;
    plan.console = std::make_unique<Console>(false, false);
    std::fputs(exit_now->text.c_str(), stdout);
    std::fflush(stdout);
    if (!exit_now->message.empty()) {
      plan.console->log().error("{}", exit_now->message);
    }
    return plan;
  }
  auto& command = std::get<CommandLine>(parsed);
  plan.console = std::make_unique<Console>(command.verbose, command.quiet);
  try {
    plan.paths =
        expand_input({command.inputs, command.lists, command.null_separated, command.recursive});
    plan.order = hand_out_order(plan.paths);
    plan.command = std::move(command);
  } catch (const InputError& error) {
    plan.console->log().error("{}", error.what());
    plan.exit_code = ExitCode::wrong_usage;
  }
  return plan;
}

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
  Run run(plan, link, fork_server);
  run.ranks_on_this_node = ranks_on_this_node;
  for (const std::string& host : hosts) {
    run.ranks.emplace_back().host = host;
  }
  job.options = plan.command->match;
  job.rank_timeout_s = plan.command->rank_timeout_s;
  const std::uint64_t memory = local_job(job, ranks_on_this_node).options.memory_limit_bytes;
  run.log.info("{} images, {}{}", plan.paths.size(), hosts_text(hosts),
               memory > 0 ? fmt::format(", {:.1f} GiB of memory for each rank here",
                                        static_cast<double>(memory) / (1U << 30))
                          : "");
  if (const auto code = open_output(run)) {
    return leave(*code);
  }
  const auto before_reference = std::chrono::steady_clock::now();
  if (const auto code = in_touch(run, [&] { return describe_reference(run, job); })) {
    return leave(*code);
  }
  run.reference_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - before_reference).count();
  if (const auto code = in_touch(run, [&] { return open_journal(run); })) {
    return leave(*code);
  }
  std::vector<ImageIndex> order = remaining(plan, run.results);
  if (order.empty()) {
    return leave(in_touch(run, [&] { return write_what_is_known(run); }));
  }
  count_end_signals();
  job.stage = Job::Stage::matching;
  link.broadcast(job);
  return match_bundle(run, job, std::move(order));
}

void run_other_rank(transport::Link& link, compute::ForkServer& fork_server) {
  ignore_end_signals();
  const int ranks_on_this_node = link.ranks_on_this_node();
  (void)link.gather_hosts();
  Job job;
  link.broadcast(job);
  if (job.stage == Job::Stage::matching) {
    compute::ComputeClient compute(fork_server, local_job(job, ranks_on_this_node));
    run_worker(link, compute, job.rank_timeout_s);
  }
}

}  // namespace bundle_match::app

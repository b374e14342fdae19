// The order of things in a run.
// SPDX-License-Identifier: Apache-2.0
#include "job_run.hpp"

#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "coordinator.hpp"
#include "hand_out_order.hpp"
#include "input_expansion.hpp"
#include "launch.hpp"
#include "progress.hpp"
#include "summary.hpp"
#include "worker.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

namespace bundle_match::app {
namespace {

// A sink for the rows of a run, in their format.
class RowWriter {
 public:
  explicit RowWriter(const CommandLine& command)
      : file_(command.output),
        options_{
            command.format.value_or(
                results::format_from_file_name(command.output).value_or(results::Format::text)),
            command.null_separated} {}

  void write_all(const Plan& plan, const results::ResultTable& results,
                 const std::vector<RankRecord>& ranks) {
    constexpr std::size_t kFlushAt = std::size_t{1} << 20;
    std::string rows = results::header(options_);
    for (ImageIndex image = 0; image < results.size(); ++image) {
      const RankRecord& rank = ranks.at(static_cast<std::size_t>(results.rank(image)));
      const ImageReport report = results.report(image);
      results::append_row(rows,
                          {plan.command->reference, plan.paths[image], report, results.rank(image),
                           rank.host, rank.kernel},
                          options_);
      if (rows.size() >= kFlushAt) {
        file_.write(rows);
        rows.clear();
      }
    }
    file_.write(rows);
    file_.commit();
  }

 private:
  results::OutputFile file_;
  results::WriteOptions options_;
};

Job local_job(const Job& job, int ranks_on_this_node) {
  Job local = job;
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
  plan.console->log().info("would match {} images on {}", plan.paths.size(), hosts_text(hosts));
  for (std::size_t rank = 0; rank < hosts.size(); ++rank) {
    plan.console->log().info("rank {} on {}", rank, hosts[rank]);
  }
}

// The reference's descriptors; the exit code if it cannot be used.
std::optional<ExitCode> describe_reference(const Plan& plan, Job& job, int ranks_on_this_node,
                                           compute::ForkServer& fork_server) {
  auto& log = plan.console->log();
  const std::string& path = plan.command->reference;
  compute::ComputeClient compute(fork_server, local_job(job, ranks_on_this_node));
  ReferenceReport reference = compute.describe(path);
  const ImageReport& report = reference.report;
  if (report.status != ImageStatus::ok) {
    log.error("reference {}: {}: {}", path, to_string(report.status), report.reason);
    return ExitCode::reference_unusable;
  }
  if (reference.descriptors.rows == 0) {
    log.error("reference {}: no features in it ({} x {} pixels)", path, report.width,
              report.height);
    return ExitCode::reference_unusable;
  }
  log.info("reference {}: {} features", path, reference.descriptors.rows);
  job.reference = std::move(reference.descriptors);
  return std::nullopt;
}

ExitCode match_bundle(const Plan& plan, const Job& job, RowWriter& writer,
                      const transport::Link& link, const std::vector<std::string>& hosts,
                      int ranks_on_this_node, compute::ForkServer& fork_server) {
  const CommandLine& command = *plan.command;
  results::ResultTable results(plan.paths.size());
  std::vector<RankRecord> ranks(hosts.size());
  for (std::size_t rank = 0; rank < hosts.size(); ++rank) {
    ranks[rank].host = hosts[rank];
  }
  Progress progress(*plan.console, command.progress, command.quiet);
  compute::ComputeClient own_compute(fork_server, local_job(job, ranks_on_this_node));
  Coordinator coordinator({link, own_compute, plan.paths, results, ranks, *plan.console, progress},
                          plan.order);
  coordinator.run();
  writer.write_all(plan, results, ranks);
  const std::chrono::duration<double> total = std::chrono::steady_clock::now() - plan.start;
  for (const std::string& line :
       summary_lines(results, ranks, {total.count(), coordinator.elapsed_s()})) {
    plan.console->log().info("{}", line);
  }
  return results.failed() > 0 ? ExitCode::some_images_failed : ExitCode::all_matched;
}

}  // namespace

Plan make_plan(int argc, const char* const* argv) {
  Plan plan;
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

ExitCode run_rank_0(Plan plan, const transport::Link& link, compute::ForkServer& fork_server) {
  const int ranks_on_this_node = link.ranks_on_this_node();
  const std::vector<std::string> hosts = link.gather_hosts();
  Job job;
  const auto leave = [&](ExitCode code) {
    job.proceed = false;
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
  job.options = plan.command->match;
  std::optional<RowWriter> writer;
  try {
    writer.emplace(*plan.command);
  } catch (const std::system_error& error) {
    plan.console->log().error("--output {}", error.what());
    return leave(ExitCode::wrong_usage);
  }
  plan.console->log().info("{} images, {}", plan.paths.size(), hosts_text(hosts));
  if (const auto code = describe_reference(plan, job, ranks_on_this_node, fork_server)) {
    return leave(*code);
  }
  job.proceed = true;
  link.broadcast(job);
  return match_bundle(plan, job, *writer, link, hosts, ranks_on_this_node, fork_server);
}

void run_other_rank(const transport::Link& link, compute::ForkServer& fork_server) {
  const int ranks_on_this_node = link.ranks_on_this_node();
  (void)link.gather_hosts();
  Job job;
  link.broadcast(job);
  if (job.proceed) {
    compute::ComputeClient compute(fork_server, local_job(job, ranks_on_this_node));
    run_worker(link, compute);
  }
}

}  // namespace bundle_match::app

// The order of things in a run.
// SPDX-License-Identifier: Apache-2.0
#include "job_run.hpp"

#include "best_table.hpp"
#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/matching/kernel.hpp"
#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "coordinator.hpp"
#include "describe_phase.hpp"
#include "draw_pictures.hpp"
#include "launch.hpp"
#include "match_phase.hpp"
#include "picture_files.hpp"
#include "pictures.hpp"
#include "progress.hpp"
#include "resume.hpp"
#include "row_writer.hpp"
#include "run_report.hpp"
#include "run_timeline.hpp"
#include "signals.hpp"
#include "summary.hpp"
#include "worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <set>
#include <stdexcept>
#include <system_error>
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
  for (std::size_t i = 0; i < plan.images.size(); ++i) {
    if (plan.command->null_separated) {
      lines.append(plan.images[i]).push_back('\0');
    } else {
      const auto path = results::escape_path(plan.images[i]);
      lines.append(path.escaped ? "\\" : "").append(path.path).push_back('\n');
    }
  }
  out.write(lines);
  let_launcher_read_output();
  plan.console->log().info("would match {} images on {}", plan.images.size(), hosts_text(hosts));
  for (std::size_t rank = 0; rank < hosts.size(); ++rank) {
    plan.console->log().info("rank {} on {}", rank, hosts[rank]);
  }
}

// A shell may have made a thousand words of a pattern.
constexpr std::size_t kLongestCommandTold = 500;

// In the report: of the best images, and of the worst.
constexpr std::size_t kThumbnailsKept = 200;
constexpr std::uint32_t kDrawnInReport = 12;

// Everything that rank 0 needs from the moment its arguments are known to be right.
struct Run {
  explicit Run(const Plan& run_plan)
      : plan(run_plan),
        command(*run_plan.command),
        references(command.all_pairs ? run_plan.images : run_plan.references),
        work(run_plan.work()),
        log(run_plan.console->log()),
        launch(launch_command(run_plan.arguments)),
        results(work),
        thumbnails(command.report.empty() ? 0 : kThumbnailsKept,
                   command.report.empty() ? 0 : kThumbnailsKept) {}

  [[nodiscard]] RunData data() {
    return {work,
            references,
            plan.images,
            results,
            ranks,
            resumed,
            exports,
            timeline,
            log,
            thumbnails,
            command.match.verification != Verification::none};
  }

  const Plan& plan;
  const CommandLine& command;
  const PathList& references;
  const WorkPlan work;
  spdlog::logger& log;
  const std::string launch;  // what to type to start it again
  results::ResultTable results;
  std::vector<RankRecord> ranks;
  Resumed resumed;
  Exports exports;
  std::size_t done_before = 0;  // of the results, by an earlier run
  std::optional<RowWriter> writer;
  std::optional<RunReport> report;
  RunTimeline timeline{RunTimeline::Clock::now()};
  double describing_s = 0;
  double matching_s = 0;
  ThumbnailKeeper thumbnails;
  Pictures pictures;  // for the report
  std::optional<PictureFiles> picture_files;
};

ExitCode finished_code(const results::ResultTable& results) {
  return results.failed() > 0 ? ExitCode::some_images_failed : ExitCode::all_matched;
}

std::vector<std::string> print_summary(const Run& run) {
  const std::chrono::duration<double> total = std::chrono::steady_clock::now() - run.plan.start;
  std::vector<std::string> lines = summary_lines(run.results, run.ranks, run.done_before,
                                                 {total.count(), run.describing_s, run.matching_s});
  for (const std::string& line : lines) {
    run.log.info("{}", run.plan.console->emphasized(line));
  }
  return lines;
}

void print_best(const Run& run) {
  const Terminal terminal = find_terminal();
  if (terminal.present || run.command.verbose) {
    constexpr std::size_t kPrefix = std::string_view("bundle_match: ").size();
    for (const std::string& line :
         best_table(run.results, run.references, run.plan.images,
                    run.command.match.verification != Verification::none,
                    terminal.columns - std::min(kPrefix, terminal.columns))) {
      run.log.info("{}", line);
    }
  }
}

void write_report(Run& run, const std::string& summary) {
  report::ReportData data;
  data.summary = {summary};
  data.parameters = {{"Command", run.launch}};
  data.timeline = run.timeline.timeline(run.ranks);
  add_pictures(std::move(run.pictures), data);
  run.report->write({run.command, run.references, run.plan.images, run.results}, std::move(data));
}

void end_journal(Run& run) {
  if (run.resumed.journal) {
    run.resumed.journal->write_end();
    run.resumed.journal->sync();
  }
}

ExitCode write_output(Run& run) {
  run.exports.finish();
  end_journal(run);
  run.writer->write_all({run.references, run.plan.images, run.results, run.command.selection});
  let_launcher_read_output();
  return finished_code(run.results);
}

ExitCode say_interrupted(Run& run) {
  run.log.warn("interrupted: {} of {} {} are done{}", run.results.done(), run.results.size(),
               run.work.all_pairs() ? "pairs" : "images",
               run.resumed.journal ? "" : ", and lost, as only --output FILE keeps them");
  end_journal(run);
  return ExitCode::interrupted;
}

ExitCode output_failed(const Run& run, const std::system_error& error) {
  run.log.error("{}{}", error.what(),
                run.resumed.journal
                    ? "; what was computed is kept, the same command goes on from there"
                    : "");
  return ExitCode::wrong_usage;
}

// A journal may know of more than the exports, which came to disk a little later.
void forget_what_was_not_exported(Run& run) {
  const PathList& images = run.plan.images;
  for (ImageIndex image = 0; run.exports.any() && image < images.size(); ++image) {
    bool exported = run.exports.has_image(images[image]);
    for (ReferenceIndex i = 0; exported && i < run.work.references_of(image); ++i) {
      exported = run.exports.has_pair(run.references[i], images[image]);
    }
    if (!exported && run.results.has(image) && run.results.status(image) == ImageStatus::ok) {
      run.results.forget_with_pairs(image);
    }
  }
}

// Before the references, which may take a while; the journal is opened when it can be begun.
std::optional<ExitCode> open_output(Run& run) {
  try {
    run.writer.emplace(run.command.output, write_options(run.command));
  } catch (const std::system_error& error) {
    run.log.error("--output {}", error.what());
    return ExitCode::wrong_usage;
  }
  try {
    if (const DrawOptions& draw = run.command.draw; !draw.folder.empty()) {
      run.picture_files.emplace(draw.folder, draw.format, run.references.size() > 1);
    }
  } catch (const std::system_error& error) {
    run.log.error("--draw {}", error.what());
    return ExitCode::wrong_usage;
  }
  try {
    if (!run.command.report.empty()) {
      run.report.emplace(run.command.report);
    }
  } catch (const std::system_error& error) {
    run.log.error("--report {}", error.what());
    return ExitCode::wrong_usage;
  }
  try {
    run.exports = Exports(run.command, run.references, run.plan.images);
    if (!run.command.match.cache_dir.empty()) {
      cache::FeatureCache(run.command.match.cache_dir, run.command.match.cache_limit_bytes);
    }
  } catch (const std::exception& error) {
    run.log.error("{}", error.what());
    return ExitCode::wrong_usage;
  }
  return std::nullopt;
}

// The exit code if there is no going on with an earlier run, or nothing left to do.
std::optional<ExitCode> open_journal(Run& run) {
  try {
    run.resumed = resume(run.command, run.references, run.plan.images, run.results, run.log);
    forget_what_was_not_exported(run);
    run.done_before = run.results.done();
    if (run.done_before < run.results.size()) {
      if (run.resumed.journal) {
        // Now: a launcher that ends the job may leave no time to do so later.
        run.log.info(
            "if this run ends early, the same command goes on from there: {}",
            run.launch.size() <= kLongestCommandTold ? run.launch : "the one that started it");
      }
      return std::nullopt;
    }
    run.log.info("nothing to do: all {} {} are done", run.results.size(),
                 run.work.all_pairs() ? "pairs" : "images");
    return write_output(run);
  } catch (const ResumeError& error) {
    run.log.error("{}", error.what());
    return ExitCode::wrong_usage;
  }
}

// The tasks that are left to do, in the order to hand them out.
std::vector<TaskId> remaining_tasks(const Run& run) {
  std::vector<TaskId> tasks;
  if (!run.work.all_pairs()) {
    std::copy_if(run.plan.order.begin(), run.plan.order.end(), std::back_inserter(tasks),
                 [&](ImageIndex image) { return !run.results.has(image); });
    return tasks;
  }
  for (TaskId id = 0; id < run.work.tasks(); ++id) {
    const Task task = run.work.task(id);
    bool left = false;
    for (ReferenceIndex i = 0; i < task.references.count; ++i) {
      left = left || !run.results.has_pair(task.image, task.references.first + i);
    }
    if (left) {
      tasks.push_back(id);
    }
  }
  return tasks;
}

// The references whose features are needed, in the order to hand them out.
std::vector<TaskId> references_to_describe(const Run& run) {
  std::vector<TaskId> order(run.references.size());
  std::iota(order.begin(), order.end(), TaskId{0});
  if (!run.work.all_pairs()) {
    return order;
  }
  std::vector<bool> needed(order.size(), false);
  for (const TaskId id : remaining_tasks(run)) {
    const Task task = run.work.task(id);
    needed[task.image] = true;
    for (ReferenceIndex i = 0; i < task.references.count; ++i) {
      needed[task.references.first + i] = true;
    }
  }
  order.clear();
  std::copy_if(run.plan.order.begin(), run.plan.order.end(), std::back_inserter(order),
               [&](ImageIndex image) {
                 return !run.results.has(image) ||
                        (needed[image] && run.results.status(image) == ImageStatus::ok);
               });
  return order;
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
  std::vector<TaskId> to_describe = references_to_describe(run);
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

// What is said and shown of a run whose results are written.
ExitCode end_run(Run& run, ExitCode code) {
  std::string summary = "Nothing to do: an earlier run did it all";
  if (run.results.done() > run.done_before) {
    summary = print_summary(run).front();
    print_best(run);
  }
  try {
    if (run.report) {
      write_report(run, summary);
    }
  } catch (const std::system_error& error) {
    run.log.error("--report {}", error.what());
    return ExitCode::wrong_usage;
  }
  return code;
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

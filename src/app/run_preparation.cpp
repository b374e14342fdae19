// Files opened, journals read, tasks listed.
// SPDX-License-Identifier: Apache-2.0
#include "run_preparation.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "launch.hpp"
#include "run_ending.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <numeric>
#include <set>
#include <system_error>

namespace bundle_match::app {
namespace {

// A shell may have made a thousand words of a pattern.
constexpr std::size_t kLongestCommandTold = 500;

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

}  // namespace

std::string hosts_text(const std::vector<std::string>& hosts) {
  const std::set<std::string> different(hosts.begin(), hosts.end());
  return fmt::format("{} rank{} on {} host{}", hosts.size(), hosts.size() == 1 ? "" : "s",
                     different.size(), different.size() == 1 ? "" : "s");
}

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

LargeVector<TaskId> remaining_tasks(const Run& run) {
  LargeVector<TaskId> tasks;
  if (!run.work.all_pairs()) {
    tasks.reserve(run.plan.order.size());
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

LargeVector<TaskId> references_to_describe(const Run& run) {
  LargeVector<TaskId> order(run.references.size());
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

}  // namespace bundle_match::app

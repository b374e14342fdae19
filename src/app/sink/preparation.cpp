// Files opened, journals read, tasks listed.
// SPDX-License-Identifier: Apache-2.0
#include "sink/preparation.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/posix/scratch_file.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "sink/choosing.hpp"
#include "sink/describe_stage.hpp"
#include "sink/similar_pairs.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

// A shell may have made a thousand words of a pattern.
constexpr std::size_t kLongestCommandTold = 500;

// Does it; if it throws, tells what `option` cannot do.
template <class Open>
bool opens(spdlog::logger& log, const char* option, const Open& open) {
  try {
    open();
    return true;
  } catch (const std::system_error& error) {
    log.error("{}{}", option, error.what());
  } catch (const std::runtime_error& error) {
    log.error("{}{}", option, error.what());
  }
  return false;
}

// A journal may know of more than the exports, which came to disk a little later.
void forget_what_was_not_exported(Ledger& ledger) {
  if (!ledger.exports.any()) {
    return;
  }
  for (const ImageIndex image : ledger.work.image_ids()) {
    const std::string_view path = ledger.input.path_of(image);
    bool exported = ledger.exports.has_image(path);
    for (const ReferenceIndex reference : ledger.work.references_of(image)) {
      exported = exported && ledger.exports.has_pair(ledger.input.path_of(reference), path);
    }
    if (!exported && ledger.results.has(image) && ledger.results.status(image) == ImageStatus::ok) {
      ledger.results.forget_with_pairs(image);
    }
  }
}

// Without them there is no run: they may have been mended since.
void forget_failed_references(Ledger& ledger) {
  for (const ImageIndex image : ledger.input.reference_images) {
    if (ledger.results.has(image) && ledger.results.status(image) != ImageStatus::ok) {
      ledger.results.forget(image);
    }
  }
}

bool all_done(const Ledger& ledger) {
  return ledger.done_before == ledger.results.size() && !has_to_choose(ledger);
}

LargeVector<TaskId> all_references(const Ledger& ledger) {
  const TaskId first = first_describing_task(ledger.work);
  LargeVector<TaskId> tasks;
  for (const ReferenceIndex reference : ledger.work.reference_ids()) {
    tasks.push_back(describing_task(first, reference));
  }
  return tasks;
}

}  // namespace

std::optional<Outcome> open_outputs(Ledger& ledger) {
  const CommandLine& command = ledger.input.command;
  const bool open =
      opens(ledger.log, "--output ",
            [&] { ledger.writer.emplace(command.output, write_options(command)); }) &&
      opens(ledger.log, "--save-similar ",
            [&] {
              if (!command.save_similar.empty()) {
                if (const auto why = why_not_in_pair_list(ledger.input)) {
                  throw std::runtime_error(command.save_similar + ": " + *why);
                }
                ledger.similar_file.emplace(command.save_similar);
              }
            }) &&
      opens(ledger.log, "--draw ",
            [&] {
              if (!command.draw.folder.empty()) {
                ledger.picture_files.emplace(command.draw.folder, command.draw.format,
                                             ledger.input.references().size() > 1);
              }
            }) &&
      opens(ledger.log, "--report ",
            [&] {
              if (!command.report.empty()) {
                ledger.report.emplace(command.report);
              }
            }) &&
      opens(ledger.log, "--scratch: ",
            [&] {
              if (!command.match.scratch_dir.empty()) {
                (void)make_scratch_file(command.match.scratch_dir);
              }
            }) &&
      opens(ledger.log, "", [&] {
        ledger.exports = Exports(command, ledger.input.references(), ledger.input.images);
        if (!command.match.cache_dir.empty()) {
          cache::FeatureCache(command.match.cache_dir, command.match.cache_limit_bytes);
        }
      });
  return open ? std::nullopt : std::optional<Outcome>(Refused{});
}

std::optional<Outcome> check_references(const Ledger& ledger) {
  std::optional<Outcome> outcome;
  const auto check = [&](std::string_view path) {
    if (const auto why = features::why_not_a_file(std::string(path))) {
      ledger.log.error("reference {}: unreadable: {}", results::escape_path(path).path,
                       why->reason);
      outcome = ReferenceUnusable{};
    }
  };
  const PathList& references = ledger.input.given_references;
  for (std::size_t i = 0; i < references.size(); ++i) {
    check(references[i]);
  }
  for (const ImageIndex image : ledger.input.reference_images) {
    check(ledger.input.path_of(image));
  }
  return outcome;
}

std::optional<Outcome> check_described_references(const Ledger& ledger) {
  std::optional<Outcome> outcome;
  for (const ImageIndex image : ledger.input.reference_images) {
    if (const auto why = why_no_reference(ledger.results.report(image))) {
      ledger.log.error("reference {}: {}", results::escape_path(ledger.input.path_of(image)).path,
                       *why);
      outcome = ReferenceUnusable{};
    }
  }
  return outcome;
}

void prune_cache(const RunInput& input) {
  const MatchOptions& match = input.command.match;
  if (!match.cache_dir.empty() && match.cache_limit_bytes > 0) {
    cache::FeatureCache(match.cache_dir, match.cache_limit_bytes).prune();
  }
}

std::optional<Outcome> open_journal(Ledger& ledger) {
  try {
    ledger.resumed = resume(ledger.input, ledger.results, ledger.log);
  } catch (const ResumeError& error) {
    ledger.log.error("{}", error.what());
    return Refused{};
  }
  forget_what_was_not_exported(ledger);
  forget_failed_references(ledger);
  ledger.done_before = ledger.results.done();
  if (all_done(ledger)) {
    ledger.log.info("nothing to do: all {} {} are done", ledger.results.size(),
                    ledger.input.unit());
  }
  return std::nullopt;
}

void tell_how_to_go_on(const Ledger& ledger) {
  if (ledger.resumed.journal && !all_done(ledger)) {
    ledger.log.info("if this run ends early, the same command goes on from there: {}",
                    ledger.input.launch.size() <= kLongestCommandTold ? ledger.input.launch
                                                                      : "the one that started it");
  }
}

void discard_new_journal(Ledger& ledger) {
  if (ledger.resumed.new_journal) {
    ledger.resumed.journal.reset();
    std::error_code error;  // if it stays, it does no harm
    std::filesystem::remove(journal_name(ledger.input.command), error);
  }
}

LargeVector<TaskId> remaining_tasks(const Ledger& ledger) {
  LargeVector<TaskId> tasks;
  if (!ledger.work.among_images()) {
    tasks.reserve(ledger.input.hand_out_order.size());
    for (const ImageIndex image : ledger.input.hand_out_order) {
      if (!ledger.results.has(image)) {
        tasks.push_back(ledger.work.task_of(image));
      }
    }
    return tasks;
  }
  // Those with the same references one after another: what is read of these once, from memory or
  // from disk, serves them all.
  std::vector<std::pair<ReferenceIndex, TaskId>> by_reference;
  for (TaskId id; id.value() < ledger.work.task_count(); ++id) {
    const Task task = ledger.work.task(id);
    bool left = false;
    for (const ReferenceIndex reference : task.references) {
      left = left || !ledger.results.has_pair(task.image, reference);
    }
    if (left) {
      by_reference.emplace_back(*task.references.begin(), id);
    }
  }
  std::sort(by_reference.begin(), by_reference.end());
  tasks.reserve(by_reference.size());
  for (const auto& [reference, id] : by_reference) {
    tasks.push_back(id);
  }
  return tasks;
}

ById<ImageIndex, bool> images_needed(const Ledger& ledger) {
  ById<ImageIndex, bool> needed(ledger.work.images());
  if (has_to_choose(ledger)) {
    std::fill(needed.begin(), needed.end(), true);
  }
  for (const TaskId id : remaining_tasks(ledger)) {
    const Task task = ledger.work.task(id);
    needed[task.image] = true;
    for (const ReferenceIndex reference : task.references) {
      needed[image_of(reference)] = true;
    }
  }
  return needed;
}

LargeVector<TaskId> references_to_describe(const Ledger& ledger) {
  if (!ledger.work.among_images()) {
    return all_references(ledger);
  }
  const ById<ImageIndex, bool> needed = images_needed(ledger);
  const TaskId first = first_describing_task(ledger.work);
  LargeVector<TaskId> tasks;
  for (const ImageIndex image : ledger.input.hand_out_order) {
    const bool known = ledger.results.has(image);
    if (!known || (needed[image] && ledger.results.status(image) == ImageStatus::ok)) {
      tasks.push_back(describing_task(first, reference_of(image)));
    }
  }
  return tasks;
}

}  // namespace bundle_match::app

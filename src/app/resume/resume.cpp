// From the journal's records to results and suspects.
// SPDX-License-Identifier: Apache-2.0
#include "resume/resume.hpp"

#include "bundle_match/core/path_index.hpp"
#include "resume/run_parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

using results::JournalRecord;
using results::RunParameters;

constexpr std::uint32_t kFatalDeaths = 2;
constexpr int kFatalInterruptions = 2;

bool is_regular_or_new(const std::string& output) {
  std::error_code error;
  const auto status = std::filesystem::status(output, error);
  return output != "-" &&
         (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status));
}

// Follows a journal from its first record to its last.
class Reader {
 public:
  Reader(const RunInput& input, results::ResultTable& results)
      : input_(input), index_(input.images), results_(results) {}

  void take(const JournalRecord& record) {
    switch (record.kind) {
      case JournalRecord::Kind::start:
        // The run before ended without a word: what it had died of, it may have been.
        for (auto& [path, suspect] : open_) {
          suspect.interruptions += suspect.under_way && suspect.deaths > 0 ? 1 : 0;
          suspect.under_way = false;
        }
        break;
      case JournalRecord::Kind::assigned:
        open_[record.path].under_way = true;
        forget_failure(record.path);
        break;
      case JournalRecord::Kind::died:
        ++open_[record.path].deaths;
        open_[record.path].reason = record.report.reason;
        break;
      case JournalRecord::Kind::result:
        open_.erase(record.path);
        if (fits(record)) {
          take_result(record);
        }
        break;
      case JournalRecord::Kind::pairs:
        open_.erase(record.path);
        if (fits(record)) {
          take_pairs(record);
        }
        break;
      case JournalRecord::Kind::choice:
      case JournalRecord::Kind::position:
        break;  // taken before
      case JournalRecord::Kind::end:
        for (auto& [path, suspect] : open_) {
          suspect.under_way = false;
        }
        break;
    }
  }

  // What is known of images without a result, once all records were taken. A damaged journal, of
  // which a result may be lost, convicts no image: it is tried again, alone.
  [[nodiscard]] Deaths finish(results::Journal& journal, bool damaged) {
    JournalRecord start;
    take(start);
    Deaths::ByImage deaths;
    for (const auto& entry : open_) {
      const std::string& path = entry.first;
      const Suspect& suspect = entry.second;
      if (suspect.deaths == 0) {
        continue;
      }
      const bool fatal = !damaged && (suspect.deaths >= kFatalDeaths ||
                                      suspect.interruptions >= kFatalInterruptions);
      index_.for_each(path, [&](ImageIndex image) {
        if (!fatal) {
          deaths[image] = std::min(suspect.deaths, kFatalDeaths - 1);
          return;
        }
        convict(image, suspect.reason, journal);
      });
    }
    return Deaths(std::move(deaths));
  }

 private:
  struct Suspect {
    bool under_way = false;
    std::uint32_t deaths = 0;
    int interruptions = 0;  // runs that ended without a word while it was tried again
    std::string reason;
  };

  void convict(ImageIndex image, const std::string& reason, results::Journal& journal) {
    ImageResult report;
    report.status = ImageStatus::crashed;
    report.reason = reason;
    if (results_.plan().among_images() && results_.has(image)) {
      convict_pairs(image, report, journal);
      return;
    }
    const results::Computer nobody{kRank0, "", ""};
    results_.record(results_.add_computer(nobody), image, report);
    journal.write_result(input_.path_of(image), report, nobody);
  }

  // The image itself was read; matching it is what they died of.
  void convict_pairs(ImageIndex image, const ImageResult& report, results::Journal& journal) {
    std::vector<results::NumberedPath> references;
    for (const ReferenceIndex i : results_.plan().references_of(image)) {
      if (!results_.has_pair(image, i)) {
        results_.record_pairs(image, report, ReferenceList(i, 1));
        references.push_back({i.value(), input_.path_of(i)});
      }
    }
    journal.write_pairs({reference_of(image).value(), input_.path_of(image)}, report, references);
  }

  // It was being tried again (--retry-failed): what it failed of then is the past.
  void forget_failure(const std::string& path) {
    if (results_.failed() == 0) {
      return;
    }
    index_.for_each(path, [this](ImageIndex image) {
      if (results_.has(image) && results_.status(image) != ImageStatus::ok) {
        results_.forget(image);
      }
    });
  }

  // Else its line is sound, but what it says is not of this run, and is computed again.
  [[nodiscard]] bool fits(const JournalRecord& record) const {
    const bool among_images = results_.plan().among_images();
    if (record.kind == JournalRecord::Kind::pairs) {
      return among_images;
    }
    const std::size_t outcomes = among_images ? 0 : results_.plan().references();
    return record.report.status != ImageStatus::ok || record.report.outcomes.size() == outcomes;
  }

  void take_result(const JournalRecord& record) {
    if (computer_ < 0 || record.computer != last_computer_) {
      last_computer_ = record.computer;
      computer_ = results_.add_computer(record.computer);
    }
    index_.for_each(record.path,
                    [&](ImageIndex image) { results_.record(computer_, image, record.report); });
  }

  // Those that are pairs of this run, too, the same way round; others are left to runs that want
  // them.
  void take_pairs(const JournalRecord& record) {
    index_.for_each(record.path, [&](ImageIndex image) {
      ImageResult report = record.report;
      for (std::size_t i = 0; i < record.references.size(); ++i) {
        if (report.status == ImageStatus::ok) {
          report.outcomes = {record.report.outcomes[i]};
        }
        index_.for_each(record.references[i], [&](ImageIndex reference) {
          if (results_.plan().find_pair(image, reference_of(reference))) {
            results_.record_pairs(image, report, ReferenceList(reference_of(reference), 1));
            report.elapsed_ms = {};  // of all of them together
          }
        });
      }
    });
  }

  const RunInput& input_;
  PathIndex index_;
  results::ResultTable& results_;
  std::unordered_map<std::string, Suspect> open_;  // handed out, without a result
  results::Computer last_computer_;
  std::int32_t computer_ = -1;
};

void check_parameters(const results::JournalCondition& found, const RunParameters& now,
                      const std::string& name) {
  if (!found.parameters) {
    throw ResumeError(fmt::format(
        "{} is damaged at its beginning, so that it cannot be told what run it is of; --overwrite "
        "discards it and begins anew",
        name));
  }
  if (*found.parameters != now) {
    throw ResumeError(fmt::format(
        "{} is of a run with other parameters: {}; --overwrite discards it and begins anew", name,
        difference(*found.parameters, now)));
  }
}

// First of all: whether a result is one of this run depends on them.
void take_chosen_pairs(const results::Journal& journal, const RunInput& input, ChosenPairs& chosen,
                       results::ResultTable& results) {
  journal.read([&](const JournalRecord& record) { chosen.take(record); });
  results.add_pairs(work_plan(input, chosen, results.most_pairs()));
}

// A file that no journal vouches for is somebody's work.
void refuse_foreign_file(const std::string& output) {
  std::error_code error;
  if (std::filesystem::exists(output, error) && std::filesystem::file_size(output, error) > 0) {
    throw ResumeError(fmt::format(
        "--output {} exists, and there is no journal beside it that tells what run it is of; "
        "--overwrite replaces it",
        output));
  }
}

}  // namespace

std::string journal_name(const CommandLine& command) { return command.output + ".journal"; }

Resumed resume(const RunInput& input, results::ResultTable& results, spdlog::logger& log) {
  const CommandLine& command = input.command;
  Resumed resumed(input);
  if (!is_regular_or_new(command.output)) {
    return resumed;
  }
  const std::string name = journal_name(command);
  const RunParameters parameters = run_parameters(command, input.references());
  try {
    resumed.journal = std::make_unique<results::Journal>(name);
  } catch (const results::JournalError& error) {
    throw ResumeError(error.what());
  }
  results::Journal& journal = *resumed.journal;
  if (command.overwrite) {
    journal.truncate(0);
  }
  if (resumed.chosen.any()) {
    take_chosen_pairs(journal, input, resumed.chosen, results);
  }
  Reader reader(input, results);
  const auto found = journal.read([&](const JournalRecord& record) { reader.take(record); });
  const bool nothing_whole = !found.parameters && found.records == 0 && found.damaged_lines <= 1 &&
                             found.good_bytes == 0 && !found.whole_lines;
  if (nothing_whole) {
    // New, or a run that ended before its first line was whole.
    if (!command.overwrite) {
      refuse_foreign_file(command.output);
    }
    journal.truncate(0);
    journal.write_parameters(parameters);
    resumed.new_journal = true;
  } else {
    check_parameters(found, parameters, name);
    if (found.damaged_lines > 0) {
      log.warn("{}: {} damaged record{} dropped; what they held is computed again", name,
               found.damaged_lines, found.damaged_lines == 1 ? "" : "s");
      journal.truncate(found.good_bytes);
    }
  }
  resumed.deaths = reader.finish(journal, found.damaged_lines > 0);
  if (command.retry_failed) {
    results.forget_failed();
  }
  if (results.done() > 0) {
    log.info("going on with {}: {} of {} {} are done{}", name, results.done(), results.size(),
             input.unit(), command.retry_failed ? " and matched" : "");
  }
  journal.write_start();
  journal.flush();
  return resumed;
}

}  // namespace bundle_match::app

// From the journal's records to results and suspects.
// SPDX-License-Identifier: Apache-2.0
#include "resume.hpp"

#include "bundle_match/core/path_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <xxhash.h>

namespace bundle_match::app {
namespace {

using results::JournalRecord;
using results::RunParameters;

// Raised whenever the same images and options would give other counts than before.
constexpr int kResultsVersion = 1;

constexpr std::uint32_t kFatalDeaths = 2;
constexpr int kFatalInterruptions = 2;

std::string hash_of_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                              XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::array<char, 1 << 16> chunk;
  std::size_t size = 0;
  errno = 0;
  while (file && (size = std::fread(chunk.data(), 1, chunk.size(), file.get())) > 0) {
    XXH3_128bits_update(state.get(), chunk.data(), size);
  }
  if (!file || std::ferror(file.get()) != 0) {
    throw ResumeError(fmt::format("reference {}: {}", path, std::strerror(errno)));
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

bool is_regular_or_new(const std::string& output) {
  std::error_code error;
  const auto status = std::filesystem::status(output, error);
  return output != "-" &&
         (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status));
}

// "nfeatures was 5000 and is now 2000"
std::string difference(const RunParameters& before, const RunParameters& now) {
  std::string text;
  for (const auto& [name, value] : now) {
    std::string old = "not known";
    for (const auto& parameter : before) {
      old = parameter.name == name ? parameter.value : old;
    }
    if (old != value) {
      text += fmt::format("{}{} was {} and is now {}", text.empty() ? "" : ", ", name, old, value);
    }
  }
  return text.empty() ? "its parameters are others" : text;
}

// Follows a journal from its first record to its last.
class Reader {
 public:
  Reader(const PathList& paths, results::ResultTable& results) : paths_(paths), results_(results) {}

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
        take_result(record);
        break;
      case JournalRecord::Kind::end:
        for (auto& [path, suspect] : open_) {
          suspect.under_way = false;
        }
        break;
    }
  }

  // What is known of images without a result, once all records were taken. A damaged journal, of
  // which a result may be lost, convicts no image: it is tried again, alone.
  void finish(Resumed& resumed, bool damaged) {
    JournalRecord start;
    take(start);
    for (const auto& entry : open_) {
      const std::string& path = entry.first;
      const Suspect& suspect = entry.second;
      if (suspect.deaths == 0) {
        continue;
      }
      const bool fatal = !damaged && (suspect.deaths >= kFatalDeaths ||
                                      suspect.interruptions >= kFatalInterruptions);
      index().for_each(path, [&](ImageIndex image) {
        if (!fatal) {
          resumed.deaths[image] = std::min(suspect.deaths, kFatalDeaths - 1);
          return;
        }
        ImageReport report;
        report.image = image;
        report.status = ImageStatus::crashed;
        report.reason = suspect.reason;
        const results::Computer nobody{0, "", ""};
        results_.record(results_.add_computer(nobody), report);
        resumed.journal->write_result(path, report, nobody);
      });
    }
  }

 private:
  struct Suspect {
    bool under_way = false;
    std::uint32_t deaths = 0;
    int interruptions = 0;  // runs that ended without a word while it was tried again
    std::string reason;
  };

  // It was being tried again (--retry-failed): what it failed of then is the past.
  void forget_failure(const std::string& path) {
    index().for_each(path, [this](ImageIndex image) {
      if (results_.has(image) && results_.status(image) != ImageStatus::ok) {
        results_.forget(image);
      }
    });
  }

  void take_result(const JournalRecord& record) {
    if (computer_ < 0 || record.computer != last_computer_) {
      last_computer_ = record.computer;
      computer_ = results_.add_computer(record.computer);
    }
    index().for_each(record.path, [&](ImageIndex image) {
      ImageReport report = record.report;
      report.image = image;
      results_.record(computer_, report);
    });
  }

  // Made when the first path is looked up: a new run of millions of images need not wait for it.
  const PathIndex& index() { return index_ ? *index_ : index_.emplace(paths_); }

  const PathList& paths_;
  std::optional<PathIndex> index_;
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

void forget_failed(const PathList& paths, results::ResultTable& results) {
  for (ImageIndex image = 0; image < paths.size(); ++image) {
    if (results.has(image) && results.status(image) != ImageStatus::ok) {
      results.forget(image);
    }
  }
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

RunParameters run_parameters(const CommandLine& command) {
  // Ours and OpenCV's agree on CPUs with AVX-512; on others OpenCV rounds in other ways.
  const bool opencv = command.match.sift == SiftImplementation::opencv;
  return {{"results-version", std::to_string(kResultsVersion)},
          {"reference-hash", hash_of_file(command.reference)},
          {"nfeatures", std::to_string(command.match.nfeatures)},
          {"sift", opencv ? "opencv" : "fast"},
          {"first-octave", std::to_string(command.match.first_octave)},
          {"cross-check", std::string(to_string(command.match.cross_check))}};
}

Resumed resume(const CommandLine& command, const PathList& paths, results::ResultTable& results,
               spdlog::logger& log) {
  Resumed resumed;
  if (!is_regular_or_new(command.output)) {
    return resumed;
  }
  const std::string name = command.output + ".journal";
  const RunParameters parameters = run_parameters(command);
  try {
    resumed.journal = std::make_unique<results::Journal>(name);
  } catch (const results::JournalError& error) {
    throw ResumeError(error.what());
  }
  results::Journal& journal = *resumed.journal;
  if (command.overwrite) {
    journal.truncate(0);
  }
  Reader reader(paths, results);
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
  } else {
    check_parameters(found, parameters, name);
    if (found.damaged_lines > 0) {
      log.warn("{}: {} damaged record{} dropped; what they held is computed again", name,
               found.damaged_lines, found.damaged_lines == 1 ? "" : "s");
      journal.truncate(found.good_bytes);
    }
  }
  reader.finish(resumed, found.damaged_lines > 0);
  if (command.retry_failed) {
    forget_failed(paths, results);
  }
  if (results.done() > 0) {
    log.info("going on with {}: {} of {} images are done{}", name, results.done(), paths.size(),
             command.retry_failed ? " and matched" : "");
  }
  journal.write_start();
  journal.flush();
  return resumed;
}

}  // namespace bundle_match::app

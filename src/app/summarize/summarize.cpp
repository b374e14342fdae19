// Reads the rows of a file into a report's data, and prints a summary of it.
// SPDX-License-Identifier: Apache-2.0
#include "summarize/summarize.hpp"

#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_reader.hpp"
#include "output/run_report.hpp"
#include "process/launch.hpp"
#include "summarize/groups.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <system_error>
#include <vector>

namespace bundle_match::app {
namespace {

using report::CollectedRows;
using report::ReportData;
using report::Row;
using results::ReadRow;

std::string shown(std::string_view path) { return results::escape_path(path).path; }

// Positions of references and images, as they were in the input of the run.
class Positions {
 public:
  void add(const ReadRow& row) {
    ++rows_;
    if (references_.try_emplace(row.reference, references_.size()).second) {
      names_.push_back(row.reference);
    }
    paths_.try_emplace(row.path, paths_.size());
    with_itself_ = with_itself_ || row.reference == row.path;
  }

  // Of all pairs, images are references, too: the first is that only, and comes before the others.
  void finish() {
    among_images_ = names_.size() > 1 && !with_itself_ && paths_.count(names_.front()) == 0 &&
                    std::all_of(names_.begin() + 1, names_.end(),
                                [&](const std::string& name) { return paths_.count(name) > 0; });
    if (among_images_) {
      for (auto& [path, position] : paths_) {
        ++position;
      }
      paths_.emplace(names_.front(), 0);
      names_.assign(paths_.size(), "");
      for (const auto& [path, position] : paths_) {
        names_[position] = path;
      }
    }
  }

  [[nodiscard]] bool among_images() const { return among_images_; }
  [[nodiscard]] const std::vector<std::string>& references() const { return names_; }
  // With one reference every row is an image, also one that was listed twice.
  [[nodiscard]] std::size_t images() const { return names_.size() > 1 ? paths_.size() : rows_; }
  [[nodiscard]] ImageIndex image(const ReadRow& row, std::uint64_t row_number) const {
    return ImageIndex(names_.size() > 1 ? paths_.at(row.path) : row_number);
  }
  [[nodiscard]] ReferenceIndex reference(const ReadRow& row) const {
    const auto& positions = among_images_ ? paths_ : references_;
    return ReferenceIndex(static_cast<std::uint32_t>(positions.at(row.reference)));
  }

 private:
  std::map<std::string, std::size_t> references_;
  std::map<std::string, std::size_t> paths_;
  std::vector<std::string> names_;
  std::size_t rows_ = 0;
  bool with_itself_ = false;
  bool among_images_ = false;
};

std::string heading(const ReportData& data) {
  const CollectedRows& rows = data.rows;
  std::string text = fmt::format("{} image{}", rows.images, rows.images == 1 ? "" : "s");
  if (data.references.size() > 1) {
    text += data.among_images
                ? fmt::format(", {} pairs", rows.total)
                : fmt::format(", {} references, {} rows", data.references.size(), rows.total);
  }
  for (std::size_t i = 0; i < CollectedRows::kStatuses; ++i) {
    if (i == 0 || rows.by_status.at(i) > 0) {
      text += fmt::format("{} {} {}", i == 0 ? ":" : ",", rows.by_status.at(i),
                          to_string(static_cast<ImageStatus>(i)));
    }
  }
  return text;
}

std::string with_reference(const ReportData& data, const Row& row) {
  const bool several = data.references.size() > 1;
  return several
             ? fmt::format("{} with {}", shown(row.path), shown(data.references.at(row.reference)))
             : shown(row.path);
}

std::string best_text(const ReportData& data) {
  constexpr std::size_t kBest = 10;
  std::vector<const Row*> best;
  for (const Row& row : data.rows.rows) {
    if (row.status == ImageStatus::ok) {
      best.push_back(&row);
    }
  }
  const std::size_t shown_rows = std::min(kBest, best.size());
  std::stable_sort(best.begin(), best.end(),
                   [](const Row* a, const Row* b) { return a->matches > b->matches; });
  std::string text = shown_rows > 0 ? "\nMost matches\n" : "";
  for (std::size_t i = 0; i < shown_rows; ++i) {
    text += fmt::format("{:>9}  {}{}\n", best[i]->matches, with_reference(data, *best[i]),
                        data.verified ? fmt::format(", {} inliers", best[i]->inliers) : "");
  }
  return text;
}

std::string histogram_text(const std::map<std::uint32_t, std::uint64_t>& histogram) {
  constexpr std::uint64_t kMostLines = 12;
  constexpr std::uint64_t kLongest = 40;
  if (histogram.empty()) {
    return "";
  }
  const std::uint64_t width = report::round_width(histogram.rbegin()->first, kMostLines);
  std::vector<std::uint64_t> lines(histogram.rbegin()->first / width + 1);
  for (const auto& [matches, rows] : histogram) {
    lines[matches / width] += rows;
  }
  const std::uint64_t most = *std::max_element(lines.begin(), lines.end());
  std::string text = "\nHow many have how many\n";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string bar((lines[i] * kLongest + most - 1) / most, '#');
    text +=
        fmt::format("{:>9} to {:<7} {:<40} {}\n", i * width, (i + 1) * width - 1, bar, lines[i]);
  }
  return text;
}

std::string failures_text(const ReportData& data) {
  constexpr std::size_t kMost = 20;
  const std::uint64_t failed = data.rows.total - data.rows.by_status[0];
  std::size_t told = 0;
  std::string text = failed > 0 ? "\nFailures\n" : "";
  for (const Row& row : data.rows.rows) {
    if (row.status != ImageStatus::ok && told < kMost) {
      ++told;
      text += fmt::format("  {}: {}: {}\n", with_reference(data, row), to_string(row.status),
                          shown(row.reason));
    }
  }
  return failed > told ? text + fmt::format("  and {} more\n", failed - told) : text;
}

std::string times_text(const StageTimes& total_ms) {
  const double total = double{total_ms.read} + double{total_ms.sift} + double{total_ms.match};
  if (total <= 0) {
    return "";
  }
  const auto stage = [&](const char* name, float ms) {
    return fmt::format("  {} {:.2f} s, {:.0f} %\n", name, double{ms} / 1000,
                       100 * double{ms} / total);
  };
  return "\nTime by stage\n" + stage("reading ", total_ms.read) + stage("SIFT    ", total_ms.sift) +
         stage("matching", total_ms.match);
}

std::string read_whole_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::error_code error;
  if (std::filesystem::is_directory(name, error) || !file) {
    throw std::system_error(file ? EISDIR : errno, std::generic_category(), name);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

struct SummarizeOptions {
  std::string file;
  std::string report;
  std::uint32_t groups = 0;  // matches or inliers that connect two images; 0: none are looked for
  bool groups_as_csv = false;
};

// The exit code if there is nothing to do.
std::optional<ExitCode> parse(int argc, const char* const* argv, SummarizeOptions& options) {
  CLI::App app("Summarizes the results of a finished run", "bundle_match summarize");
  app.add_option("FILE", options.file, "Results as written by --output: text, csv or jsonl")
      ->type_name("")
      ->required();
  app.add_option("--report", options.report, "Also write a page of HTML to FILE")
      ->type_name("FILE");
  app.add_option(
         "--groups", options.groups,
         "Also the groups of images that are connected by pairs with at least N inliers, or "
         "matches without --verify")
      ->type_name("N")
      ->check(CLI::Range(1U, std::numeric_limits<std::uint32_t>::max()));
  std::string format = "text";
  app.add_option("--format", format,
                 "text (default); csv: the groups alone, a line an image: group,images,path")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "csv"}));
  try {
    app.parse(argc - 1, argv + 1);
    options.groups_as_csv = format == "csv";
    if (options.report == options.file) {
      throw CLI::ValidationError("--report", "would replace the results");
    }
    if (options.groups_as_csv && options.groups == 0) {
      throw CLI::ValidationError("--format csv", "takes --groups N");
    }
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return ExitCode::all_matched;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "bundle_match: error: summarize: %s; see bundle_match summarize --help\n",
                 error.what());
    return ExitCode::wrong_usage;
  }
}

void summarize_file(const SummarizeOptions& options) {
  std::optional<results::OutputFile> page;
  if (!options.report.empty()) {
    page.emplace(options.report);
  }
  const std::string bytes = read_whole_file(options.file);
  ReportData data = read_report(bytes, options.file);
  std::string text = summary_text(data);
  if (options.groups > 0) {
    const FoundGroups found =
        find_groups(bytes, results::format_of(bytes, options.file), options.groups);
    data.groups = report_groups(found);
    text = options.groups_as_csv ? results::groups_as_csv(found.groups) : text + groups_text(found);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (page) {
    page->write(report::write_report(data));
    page->commit();
  }
}

}  // namespace

bool is_summarize(int argc, const char* const* argv) {
  return argc > 1 && std::string_view(argv[1]) == "summarize";
}

ReportData read_report(std::string_view bytes, const std::string& name) {
  const results::Format format = results::format_of(bytes, name);
  Positions positions;
  results::read_rows(bytes, format, [&](const ReadRow& row) { positions.add(row); });
  positions.finish();
  report::RowCollector rows(positions.images(), positions.among_images(), {});
  ById<ImageIndex, bool> timed(positions.images());
  std::uint64_t number = 0;
  results::read_rows(bytes, format, [&](const ReadRow& row) {
    const ImageIndex image = positions.image(row, number++);
    rows.add(
        report_row(image, row.path, positions.reference(row), row.image, row.pair, row.computer));
    if (!timed.at(image)) {  // each of its rows has the same
      rows.add_times(row.image.elapsed_ms);
      timed.at(image) = true;
    }
  });
  ReportData data;
  data.title = name.substr(name.rfind('/') + 1);
  data.references = ById<ReferenceIndex, std::string>(positions.references());
  data.among_images = positions.among_images();
  data.verified = results::has_geometry(bytes, format);
  data.rows = rows.finish();
  data.summary = {heading(data)};
  data.parameters = {{"Results", name}};
  if (data.references.size() == 1 && !data.references.begin()->empty()) {
    data.parameters.push_back({"Reference", *data.references.begin()});
  }
  return data;
}

std::string summary_text(const ReportData& data) {
  return fmt::format("{}\n{}{}{}{}", heading(data), best_text(data),
                     histogram_text(data.rows.histogram), failures_text(data),
                     times_text(data.rows.total_ms));
}

ExitCode summarize(int argc, const char* const* argv) {
  SummarizeOptions options;
  if (const auto code = parse(argc, argv, options)) {
    return *code;
  }
  if (announced_rank().value_or(kRank0) != kRank0) {
    return ExitCode::all_matched;  // once is enough, under mpirun, too
  }
  try {
    summarize_file(options);
    return ExitCode::all_matched;
  } catch (const results::ReadError& error) {
    std::fprintf(stderr, "bundle_match: error: summarize: %s: %s\n", shown(options.file).c_str(),
                 error.what());
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "bundle_match: error: summarize: %s\n", error.what());
  }
  return ExitCode::wrong_usage;
}

}  // namespace bundle_match::app

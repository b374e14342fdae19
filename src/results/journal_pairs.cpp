// Numbers, ranges of numbers, and the checksum of what they stand for.
// SPDX-License-Identifier: Apache-2.0
#include "journal_pairs.hpp"

#include "journal_line.hpp"
#include "outcome_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bundle_match::results {
namespace {

// The fields that M and T have in common; their paths are elsewhere.
constexpr std::size_t kCommonFields = 8;

bool parse_common(const std::vector<std::string>& fields, JournalRecord& record) {
  record.kind = JournalRecord::Kind::pairs;
  ImageResult& report = record.report;
  const auto status = image_status_from(fields[2]);
  if (!status || !parse_outcomes({fields[3], fields[6], fields[7]}, report.outcomes) ||
      !parse(fields[4], report.elapsed_ms.match) ||
      (*status == ImageStatus::ok && report.outcomes.size() != record.references.size())) {
    return false;
  }
  report.status = *status;
  report.reason = fields[5];
  if (report.status != ImageStatus::ok) {
    report.outcomes.clear();
  }
  return true;
}

// With a path at its end each.
std::optional<JournalRecord> record_with_paths(const std::vector<std::string>& fields) {
  if (fields.size() <= kCommonFields) {
    return std::nullopt;
  }
  JournalRecord record;
  record.path = fields[1];
  record.references.assign(fields.begin() + kCommonFields, fields.end());
  return parse_common(fields, record) ? std::optional(std::move(record)) : std::nullopt;
}

// Paths hold no zero byte, so that no two lists of them give the same bytes.
class Names {
 public:
  void add(std::string_view path) { bytes_.append(path).push_back('\0'); }
  [[nodiscard]] std::string checksum() const { return results::checksum(bytes_); }

 private:
  std::string bytes_;
};

std::string names_of(const NumberedPath& image, const std::vector<NumberedPath>& references) {
  Names names;
  for (const NumberedPath& reference : references) {
    names.add(reference.path);
  }
  names.add(image.path);
  return names.checksum();
}

std::string as_ranges(const std::vector<NumberedPath>& paths) {
  const auto goes_on = [&](std::size_t i) {
    return i > 0 && i < paths.size() && paths[i].number == paths[i - 1].number + 1;
  };
  std::string text;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!goes_on(i)) {
      text += (text.empty() ? "" : " ") + std::to_string(paths[i].number);
    } else if (!goes_on(i + 1)) {
      text += '-' + std::to_string(paths[i].number);
    }
  }
  return text;
}

}  // namespace

void PairWriter::tell(const NumberedPath& path, std::string& lines) {
  if (told_.size() <= path.number) {
    told_.resize(std::size_t{path.number} + 1);
  }
  if (!told_[path.number]) {
    told_[path.number] = true;
    lines += journal_line({"N", std::to_string(path.number), path.path});
  }
}

std::string PairWriter::tell(const NumberedPath& image,
                             const std::vector<NumberedPath>& references) {
  std::string lines;
  for (const NumberedPath& reference : references) {
    tell(reference, lines);
  }
  tell(image, lines);
  return lines;
}

std::string PairWriter::lines(const NumberedPath& image, const ImageResult& report,
                              const std::vector<NumberedPath>& references) {
  const OutcomeText outcomes = outcomes_as_text(report.outcomes);
  return tell(image, references) +
         journal_line({"M", std::to_string(image.number), to_string(report.status),
                       outcomes.matches, fmt::format("{}", report.elapsed_ms.match), report.reason,
                       outcomes.inliers, outcomes.models, as_ranges(references),
                       names_of(image, references)});
}

std::string PairWriter::choice_lines(const NumberedPath& image, std::uint32_t wanted,
                                     const std::vector<ChosenPath>& chosen) {
  std::vector<NumberedPath> images;
  images.reserve(chosen.size());
  std::string similarities;
  for (const ChosenPath& it : chosen) {
    similarities += fmt::format("{}{:.4f}", images.empty() ? "" : " ", it.similarity);
    images.push_back(it.image);
  }
  return tell(image, images) +
         journal_line({"C", std::to_string(image.number), std::to_string(wanted), similarities,
                       as_ranges(images), names_of(image, images)});
}

bool PairReader::take_number(const std::vector<std::string>& fields) {
  std::uint32_t number = 0;
  if (fields.size() != 3 || fields[0] != "N" || !parse(fields[1], number)) {
    return false;
  }
  paths_[number] = fields[2];
  return true;
}

std::optional<JournalRecord> PairReader::record(const std::vector<std::string>& fields) const {
  const std::string& kind = fields.front();
  if (kind == "T") {
    return record_with_paths(fields);
  }
  return kind == "M" ? pairs(fields) : kind == "C" ? choice(fields) : std::nullopt;
}

std::optional<JournalRecord> PairReader::pairs(const std::vector<std::string>& fields) const {
  if (fields.size() != kCommonFields + 2) {
    return std::nullopt;
  }
  auto record = named(fields[1], fields[kCommonFields], fields[kCommonFields + 1]);
  return record && parse_common(fields, *record) ? std::move(record) : std::nullopt;
}

std::optional<JournalRecord> PairReader::choice(const std::vector<std::string>& fields) const {
  constexpr std::size_t kFields = 6;
  if (fields.size() != kFields) {
    return std::nullopt;
  }
  auto record = named(fields[1], fields[4], fields[5]);
  if (!record || !parse(fields[2], record->wanted)) {
    return std::nullopt;
  }
  record->kind = JournalRecord::Kind::choice;
  for (const std::string& text : split(fields[3], ' ')) {
    if (!parse(text, record->similarities.emplace_back())) {
      return std::nullopt;
    }
  }
  return record->similarities.size() == record->references.size() ? std::move(record)
                                                                  : std::nullopt;
}

// A record with the paths that these fields stand for, if they are the paths that were meant.
std::optional<JournalRecord> PairReader::named(const std::string& image,
                                               const std::string& references,
                                               const std::string& names) const {
  std::uint32_t number = 0;
  const std::string* const path = parse(image, number) ? path_of(number) : nullptr;
  if (path == nullptr) {
    return std::nullopt;
  }
  JournalRecord record;
  record.path = *path;
  for (const std::string& range : split(references, ' ')) {
    if (!add_references(range, record)) {
      return std::nullopt;
    }
  }
  Names found;
  for (const std::string& reference : record.references) {
    found.add(reference);
  }
  found.add(record.path);
  return found.checksum() == names ? std::optional(std::move(record)) : std::nullopt;
}

const std::string* PairReader::path_of(std::uint32_t number) const {
  const auto path = paths_.find(number);
  return path != paths_.end() ? &path->second : nullptr;
}

// False if it is no range, or not all of it is known: so it adds no more than there are paths.
bool PairReader::add_references(std::string_view range, JournalRecord& record) const {
  const std::size_t dash = std::min(range.find('-'), range.size());
  std::uint32_t first = 0;
  if (!parse(range.substr(0, dash), first)) {
    return false;
  }
  std::uint32_t last = first;
  if (dash < range.size() && (!parse(range.substr(dash + 1), last) || last <= first)) {
    return false;
  }
  for (std::uint64_t number = first; number <= last; ++number) {
    const std::string* const path = path_of(static_cast<std::uint32_t>(number));
    if (path == nullptr) {
      return false;
    }
    record.references.push_back(*path);
  }
  return true;
}

}  // namespace bundle_match::results

// Numbers, ranges of numbers, and the checksum of what they stand for.
// SPDX-License-Identifier: Apache-2.0
#include "journal_pairs.hpp"

#include "journal_line.hpp"
#include "outcome_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
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

bool goes_on(const std::vector<std::uint32_t>& numbers, std::size_t i) {
  return i > 0 && i < numbers.size() && numbers[i] == numbers[i - 1] + 1;
}

std::size_t ranges_in(const std::vector<std::uint32_t>& numbers) {
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    ranges += goes_on(numbers, i) ? 0 : 1;
  }
  return ranges;
}

std::string as_ranges(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!goes_on(numbers, i)) {
      text += (text.empty() ? "" : " ") + std::to_string(numbers[i]);
    } else if (!goes_on(numbers, i + 1)) {
      text += '-' + std::to_string(numbers[i]);
    }
  }
  return text;
}

}  // namespace

// In the order of the paths; those from next_ on are new.
std::vector<std::uint32_t> PairWriter::numbers_of(const std::vector<std::string_view>& paths,
                                                  std::string& lines) {
  constexpr std::size_t kShortRange = 8;
  std::vector<std::uint32_t> numbers;
  std::uint32_t next = next_;
  for (const std::string_view path : paths) {
    const auto known = numbers_.find(path);
    numbers.push_back(known != numbers_.end() ? known->second : next++);
  }
  if (ranges_in(numbers) > 1 + numbers.size() / kShortRange) {
    std::iota(numbers.begin(), numbers.end(), next_);
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (numbers[i] >= next_) {
      numbers_.insert_or_assign(std::string(paths[i]), numbers[i]);
      lines += journal_line({"N", std::to_string(numbers[i]), paths[i]});
    }
  }
  next_ = std::max(next_, *std::max_element(numbers.begin(), numbers.end()) + 1);
  return numbers;
}

std::string PairWriter::lines(std::string_view path, const ImageResult& report,
                              const std::vector<std::string_view>& references) {
  std::string lines;
  const std::string ranges = as_ranges(numbers_of(references, lines));
  const std::string image = std::to_string(numbers_of({path}, lines).front());
  Names names;
  for (const std::string_view reference : references) {
    names.add(reference);
  }
  names.add(path);
  const OutcomeText outcomes = outcomes_as_text(report.outcomes);
  return lines + journal_line({"M", image, to_string(report.status), outcomes.matches,
                               fmt::format("{}", report.elapsed_ms.match), report.reason,
                               outcomes.inliers, outcomes.models, ranges, names.checksum()});
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
  return kind == "M" ? numbered(fields) : std::nullopt;
}

std::optional<JournalRecord> PairReader::numbered(const std::vector<std::string>& fields) const {
  std::uint32_t number = 0;
  if (fields.size() != kCommonFields + 2 || !parse(fields[1], number)) {
    return std::nullopt;
  }
  const std::string* const path = path_of(number);
  if (path == nullptr) {
    return std::nullopt;
  }
  JournalRecord record;
  record.path = *path;
  for (const std::string& range : split(fields[kCommonFields], ' ')) {
    if (!add_references(range, record)) {
      return std::nullopt;
    }
  }
  Names names;
  for (const std::string& reference : record.references) {
    names.add(reference);
  }
  names.add(record.path);
  const bool known = names.checksum() == fields[kCommonFields + 1];
  return known && parse_common(fields, record) ? std::optional(std::move(record)) : std::nullopt;
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

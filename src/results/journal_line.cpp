// Writing and reading of single lines.
// SPDX-License-Identifier: Apache-2.0
#include "journal_line.hpp"

#include "bundle_match/core/rank_number.hpp"
#include "outcome_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <xxhash.h>

namespace bundle_match::results {
namespace {

constexpr std::size_t kChecksumDigits = 16;
constexpr std::string_view kSpecial = "\\\t\n\r";
constexpr std::string_view kEscapes = "\\tnr";  // same order

void append_escaped(std::string& out, std::string_view field) {
  for (const char c : field) {
    if (const auto special = kSpecial.find(c); special != std::string_view::npos) {
      out += '\\';
      out += kEscapes[special];
    } else {
      out += c;
    }
  }
}

// The checksum has vouched for the line: what is escaped was escaped by append_escaped.
std::string unescaped(std::string_view field) {
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 1 < field.size()) {
      const auto escape = kEscapes.find(field[++i]);
      out += escape == std::string_view::npos ? field[i] : kSpecial[escape];
    } else {
      out += field[i];
    }
  }
  return out;
}

std::optional<JournalRecord> result_record(const std::vector<std::string>& fields,
                                           JournalRecord record) {
  constexpr std::size_t kFields = 16;
  constexpr std::size_t kFieldsBeforeGeometry = 14;  // as earlier versions wrote it
  if (fields.size() != kFields && fields.size() != kFieldsBeforeGeometry) {
    return std::nullopt;
  }
  record.kind = JournalRecord::Kind::result;
  ImageResult& report = record.report;
  OutcomeText outcomes{fields[3], "", ""};
  int rank = 0;
  if (fields.size() == kFields) {
    outcomes.inliers = fields[14];
    outcomes.models = fields[15];
  }
  const auto status = image_status_from(fields[2]);
  if (!status || !parse_outcomes(outcomes, report.outcomes) ||
      !parse(fields[4], report.keypoints) || !parse(fields[5], report.width) ||
      !parse(fields[6], report.height) || !parse(fields[7], report.elapsed_ms.read) ||
      !parse(fields[8], report.elapsed_ms.sift) || !parse(fields[9], report.elapsed_ms.match) ||
      !parse(fields[10], rank)) {
    return std::nullopt;
  }
  report.status = *status;
  if (report.status != ImageStatus::ok) {
    report.outcomes.clear();
  }
  record.computer.rank = rank_of_number(rank);
  record.computer.host = fields[11];
  record.computer.kernel = fields[12];
  report.reason = fields[13];
  return record;
}

std::optional<JournalRecord> position_record(const std::vector<std::string>& fields,
                                             JournalRecord record) {
  constexpr std::size_t kFields = 4;
  record.kind = JournalRecord::Kind::position;
  if (fields.size() == 2) {
    return record;
  }
  GeoPosition position;
  if (fields.size() != kFields || !parse(fields[2], position.latitude) ||
      !parse(fields[3], position.longitude) || !is_valid(position)) {
    return std::nullopt;
  }
  record.position = position;
  return record;
}

}  // namespace

std::string checksum(std::string_view bytes) {
  return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

std::string journal_line(const std::vector<std::string_view>& fields) {
  std::string body;
  for (const std::string_view field : fields) {
    body += '\t';
    append_escaped(body, field);
  }
  return checksum(body) + body + '\n';
}

std::optional<std::vector<std::string>> journal_fields(std::string_view line) {
  if (line.size() <= kChecksumDigits || line[kChecksumDigits] != '\t' ||
      checksum(line.substr(kChecksumDigits)) != line.substr(0, kChecksumDigits)) {
    return std::nullopt;
  }
  std::vector<std::string> fields;
  for (std::size_t begin = kChecksumDigits + 1; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    fields.push_back(unescaped(line.substr(begin, end - begin)));
    begin = end + 1;
  }
  return fields;
}

std::string result_line(std::string_view path, const ImageResult& report,
                        const Computer& computer) {
  const auto& ms = report.elapsed_ms;
  const OutcomeText outcomes = outcomes_as_text(report.outcomes);
  return journal_line({"R", path, to_string(report.status), outcomes.matches,
                       std::to_string(report.keypoints), std::to_string(report.width),
                       std::to_string(report.height), fmt::format("{}", ms.read),
                       fmt::format("{}", ms.sift), fmt::format("{}", ms.match),
                       std::to_string(rank_number(computer.rank)), computer.host, computer.kernel,
                       report.reason, outcomes.inliers, outcomes.models});
}

std::string position_line(std::string_view path, const std::optional<GeoPosition>& position) {
  if (!position) {
    return journal_line({"G", path});
  }
  return journal_line(
      {"G", path, fmt::format("{}", position->latitude), fmt::format("{}", position->longitude)});
}

std::optional<JournalRecord> journal_record(const std::vector<std::string>& fields) {
  using Kind = JournalRecord::Kind;
  JournalRecord record;
  const std::string& kind = fields.front();
  if (fields.size() == 1 && (kind == "S" || kind == "E")) {
    record.kind = kind == "S" ? Kind::start : Kind::end;
    return record;
  }
  if (fields.size() < 2) {
    return std::nullopt;
  }
  record.path = fields[1];
  if (kind == "A" && fields.size() == 2) {
    record.kind = Kind::assigned;
    return record;
  }
  if (kind == "D" && fields.size() == 3) {
    record.kind = Kind::died;
    record.report.reason = fields[2];
    return record;
  }
  if (kind == "G") {
    return position_record(fields, std::move(record));
  }
  if (kind == "R") {
    return result_record(fields, std::move(record));
  }
  return std::nullopt;
}

std::optional<RunParameters> journal_parameters(const std::vector<std::string>& fields) {
  if (fields.front() != "P" || fields.size() % 2 == 0) {
    return std::nullopt;
  }
  RunParameters parameters;
  for (std::size_t i = 1; i + 1 < fields.size(); i += 2) {
    parameters.push_back({fields[i], fields[i + 1]});
  }
  return parameters;
}

}  // namespace bundle_match::results

// The formats of result_writer.cpp, backwards. Whatever is not exactly so is damage.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_reader.hpp"

#include "bundle_match/core/rank_number.hpp"

#include <boost/archive/iterators/binary_from_base64.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace bundle_match::results {
namespace {

using ParsedJson = nlohmann::json;
using VisitRow = std::function<void(const ReadRow&)>;

constexpr std::string_view kCsvStart = "reference,path,status,matches,";
constexpr std::string_view kCsvColumns =
    "reference,path,status,matches,keypoints,width,height,reason";
constexpr std::string_view kCsvGeometry = ",inliers,model";
constexpr std::size_t kInliers = 8;

[[noreturn]] void fail(std::size_t line, std::string_view why) {
  throw ReadError(fmt::format("line {}: {}", line, why));
}

std::uint32_t number(std::string_view text, std::size_t line) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(line, fmt::format("'{}' is not a number", text));
  }
  return value;
}

std::uint32_t number_if_known(std::string_view text, std::size_t line) {
  return text.empty() ? 0 : number(text, line);
}

ImageStatus status(std::string_view word, std::size_t line) {
  const auto status = image_status_from(word);
  if (!status) {
    fail(line, fmt::format("'{}' is not a status", word));
  }
  return *status;
}

// The records of RFC 4180, one by one.
class CsvRecords {
 public:
  explicit CsvRecords(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool any_left() const { return !rest_.empty(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  const std::vector<std::string>& next() {
    fields_.clear();
    line_ += lines_;
    lines_ = 1;
    do {
      fields_.push_back(rest_.starts_with('"') ? quoted() : plain());
    } while (take(","));
    if (!take("\r\n") && !take("\n")) {
      fail(line_, "it ends in the middle");
    }
    return fields_;
  }

 private:
  std::string plain() {
    const auto end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
    std::string field(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return field;
  }

  std::string quoted() {
    std::string field;
    rest_.remove_prefix(1);
    while (true) {
      const auto quote = rest_.find('"');
      if (quote == std::string_view::npos) {
        fail(line_, "a quote is not closed");
      }
      field += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!take("\"")) {
        lines_ += static_cast<std::size_t>(std::count(field.begin(), field.end(), '\n'));
        return field;
      }
      field += '"';
    }
  }

  bool take(std::string_view what) {
    const bool there = rest_.starts_with(what);
    rest_.remove_prefix(there ? what.size() : 0);
    return there;
  }

  std::string_view rest_;
  std::vector<std::string> fields_;
  std::size_t line_ = 0;
  std::size_t lines_ = 1;  // of the record before
};

void read_csv(std::string_view bytes, const VisitRow& visit) {
  CsvRecords records(bytes);
  const std::size_t columns = records.next().size();
  if (!bytes.starts_with(kCsvColumns)) {
    fail(1, "not the columns of results");
  }
  const bool geometry = has_geometry(bytes, Format::csv);
  while (records.any_left()) {
    const std::vector<std::string>& fields = records.next();
    const std::size_t line = records.line();
    if (fields.size() != columns) {
      fail(line, fmt::format("{} fields, not {}", fields.size(), columns));
    }
    ReadRow row;
    row.reference = fields[0];
    row.path = fields[1];
    row.pair.status = status(fields[2], line);
    row.pair.matches = number_if_known(fields[3], line);
    row.image.keypoints = number_if_known(fields[4], line);
    row.image.width = number_if_known(fields[5], line);
    row.image.height = number_if_known(fields[6], line);
    row.pair.reason = fields[7];
    row.pair.inliers = geometry ? number_if_known(fields[kInliers], line) : 0;
    visit(row);
  }
}

std::string from_base64(std::string text) {
  using namespace boost::archive::iterators;
  using Decoder = transform_width<binary_from_base64<const char*>, 8, 6>;
  while (text.ends_with('=')) {
    text.pop_back();
  }
  const std::size_t size = text.size() * 3 / 4;
  Decoder decoder(text.data());
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) {
    bytes += static_cast<char>(*decoder++);
  }
  return bytes;
}

std::string path_of(const ParsedJson& json, const std::string& key) {
  const auto encoded = json.find(key + "_base64");
  return encoded != json.end() ? from_base64(encoded->get<std::string>())
                               : json.at(key).get<std::string>();
}

// Not get<Number>(), which converts whatever number there is, also those that do not fit.
template <class Number>
Number whole_number(const ParsedJson& json, std::size_t line) {
  if (json.is_number_unsigned() && std::in_range<Number>(json.get<std::uint64_t>())) {
    return static_cast<Number>(json.get<std::uint64_t>());
  }
  if (json.is_number_integer() && std::in_range<Number>(json.get<std::int64_t>())) {
    return static_cast<Number>(json.get<std::int64_t>());
  }
  fail(line, fmt::format("'{}' is not a number", json.dump()));
}

std::uint32_t number_of(const ParsedJson& json, const char* key, std::size_t line) {
  const auto value = json.find(key);
  return value == json.end() || value->is_null() ? 0 : whole_number<std::uint32_t>(*value, line);
}

float milliseconds_of(const ParsedJson& json, const char* key, std::size_t line) {
  const ParsedJson& value = json.at(key);
  const double milliseconds = value.is_number() ? value.get<double>() : -1;
  if (milliseconds < 0 || milliseconds > std::numeric_limits<float>::max()) {
    fail(line, fmt::format("'{}' is not a time", value.dump()));
  }
  return static_cast<float>(milliseconds);
}

ReadRow row_of(const ParsedJson& json, std::size_t line) {
  ReadRow row;
  row.reference = path_of(json, "reference");
  row.path = path_of(json, "path");
  row.pair.status = status(json.at("status").get<std::string>(), line);
  row.pair.matches = number_of(json, "matches", line);
  row.pair.inliers = number_of(json, "inliers", line);
  row.pair.reason = json.at("reason").get<std::string>();
  row.image.keypoints = number_of(json, "keypoints", line);
  row.image.width = number_of(json, "width", line);
  row.image.height = number_of(json, "height", line);
  const ParsedJson& elapsed = json.at("elapsed_ms");
  row.image.elapsed_ms = {milliseconds_of(elapsed, "read", line),
                          milliseconds_of(elapsed, "sift", line),
                          milliseconds_of(elapsed, "match", line)};
  row.computer = {rank_of_number(whole_number<int>(json.at("rank"), line)),
                  json.at("host").get<std::string>(), json.at("kernel").get<std::string>()};
  return row;
}

// Calls `take` with every line and its number; each must have its end.
void for_each_line(std::string_view bytes, char end,
                   const std::function<void(std::string_view, std::size_t)>& take) {
  for (std::size_t line = 1; !bytes.empty(); ++line) {
    const auto length = bytes.find(end);
    if (length == std::string_view::npos) {
      fail(line, "it ends in the middle");
    }
    take(bytes.substr(0, length), line);
    bytes.remove_prefix(length + 1);
  }
}

void read_jsonl(std::string_view bytes, const VisitRow& visit) {
  for_each_line(bytes, '\n', [&](std::string_view text, std::size_t line) {
    try {
      visit(row_of(ParsedJson::parse(text), line));
    } catch (const ParsedJson::exception& error) {
      fail(line, error.what());
    } catch (const boost::archive::iterators::dataflow_exception&) {
      fail(line, "not base64");
    }
  });
}

std::string unescaped_path(std::string_view path) {
  std::string bytes;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '\\' || i + 1 == path.size()) {
      bytes += path[i];
      continue;
    }
    ++i;
    bytes += path[i] == 'n' ? '\n' : path[i] == 'r' ? '\r' : path[i];
  }
  return bytes;
}

void read_text(std::string_view bytes, const VisitRow& visit) {
  const bool null_terminated = bytes.ends_with('\0');
  for_each_line(bytes, null_terminated ? '\0' : '\n', [&](std::string_view text, std::size_t line) {
    const auto space = text.rfind(' ');
    if (space == std::string_view::npos || space == 0) {
      fail(line, "not a path and a count");
    }
    const bool escaped = !null_terminated && text.starts_with('\\');
    ReadRow row;
    row.pair.matches = number(text.substr(space + 1), line);
    row.path =
        escaped ? unescaped_path(text.substr(1, space - 1)) : std::string(text.substr(0, space));
    visit(row);
  });
}

}  // namespace

Format format_of(std::string_view bytes, std::string_view name) {
  if (bytes.starts_with(kCsvStart)) {
    return Format::csv;
  }
  if (bytes.starts_with("{\"")) {
    return Format::jsonl;
  }
  const auto by_name = format_from_file_name(name);
  if (bytes.starts_with("reference,") && by_name != Format::text) {
    throw ReadError("a matrix, or something else without rows of results");
  }
  return by_name.value_or(Format::text);
}

bool has_geometry(std::string_view bytes, Format format) {
  const std::string_view first = bytes.substr(0, bytes.find('\n'));
  return format == Format::csv
             ? first.substr(std::min(kCsvColumns.size(), first.size())).starts_with(kCsvGeometry)
             : format == Format::jsonl && first.find("\"inliers\":") != std::string_view::npos;
}

void read_rows(std::string_view bytes, Format format, const VisitRow& visit) {
  switch (format) {
    case Format::csv:
      return read_csv(bytes, visit);
    case Format::jsonl:
      return read_jsonl(bytes, visit);
    case Format::text:
      return read_text(bytes, visit);
    case Format::matrix:
      return;
  }
}

}  // namespace bundle_match::results

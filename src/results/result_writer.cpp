// The formats of rows.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_writer.hpp"

#include "bundle_match/core/rank_number.hpp"
#include "csv.hpp"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <iterator>

namespace bundle_match::results {
namespace {

using Json = nlohmann::ordered_json;

void append_text(std::string& out, const ResultRow& row, bool null_terminated) {
  if (row.pair.status != ImageStatus::ok) {
    return;
  }
  if (null_terminated) {
    fmt::format_to(std::back_inserter(out), "{} {}", row.path, row.pair.matches);
    out += '\0';
    return;
  }
  const EscapedPath path = escape_path(row.path);
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", path.escaped ? "\\" : "", path.path,
                 row.pair.matches);
}

// A number that is not known is an empty field, not a 0.
void append_csv_number(std::string& out, std::uint32_t value, bool known) {
  out += ',';
  if (known) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

void append_csv(std::string& out, const ResultRow& row, bool geometry) {
  const ImageResult& report = row.image;
  const bool ok = row.pair.status == ImageStatus::ok;
  append_csv_field(out, row.reference);
  out += ',';
  append_csv_field(out, row.path);
  out += ',';
  out += to_string(row.pair.status);
  append_csv_number(out, row.pair.matches, ok);
  append_csv_number(out, report.keypoints, ok);
  append_csv_number(out, report.width, report.width > 0);
  append_csv_number(out, report.height, report.height > 0);
  out += ',';
  append_csv_field(out, row.pair.reason);
  if (geometry) {
    append_csv_number(out, row.pair.inliers, ok);
    fmt::format_to(std::back_inserter(out), ",{}", fmt::join(row.pair.model, " "));
  }
  out += "\r\n";
}

std::string base64(std::string_view bytes) {
  using namespace boost::archive::iterators;
  using Encoder = base64_from_binary<transform_width<const char*, 6, 8>>;
  std::string text(Encoder(bytes.data()), Encoder(bytes.data() + bytes.size()));
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_utf8(std::string_view bytes) {
  try {
    (void)Json(bytes).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

void add_path(Json& json, const std::string& key, std::string_view path) {
  json[key] = path;
  if (!is_utf8(path)) {
    json[key + "_base64"] = base64(path);
  }
}

// Row by row; null if there is none.
Json model_as_json(const std::vector<double>& model) {
  constexpr std::size_t kColumns = 3;
  Json rows;
  for (std::size_t i = 0; i < model.size(); ++i) {
    rows[i / kColumns].push_back(model[i]);
  }
  return rows;
}

void append_jsonl(std::string& out, const ResultRow& row, bool geometry) {
  const ImageResult& report = row.image;
  const bool ok = row.pair.status == ImageStatus::ok;
  const auto number = [](std::uint32_t value, bool known) { return known ? Json(value) : Json(); };
  Json json;
  add_path(json, "reference", row.reference);
  add_path(json, "path", row.path);
  json["status"] = to_string(row.pair.status);
  json["matches"] = number(row.pair.matches, ok);
  json["keypoints"] = number(report.keypoints, ok);
  json["width"] = number(report.width, report.width > 0);
  json["height"] = number(report.height, report.height > 0);
  json["reason"] = row.pair.reason;
  // Microseconds are as much as the clock is good for.
  const auto ms = [](float value) { return std::round(double{value} * 1000) / 1000; };
  json["elapsed_ms"] = {{"read", ms(report.elapsed_ms.read)},
                        {"sift", ms(report.elapsed_ms.sift)},
                        {"match", ms(report.elapsed_ms.match)}};
  json["rank"] = rank_number(row.computer.rank);
  json["host"] = row.computer.host;
  json["kernel"] = row.computer.kernel;
  if (geometry) {
    json["inliers"] = number(row.pair.inliers, ok);
    json["model"] = model_as_json(row.pair.model);
  }
  out += dump(json);
  out += '\n';
}

}  // namespace

std::optional<Format> format_from_file_name(std::string_view name) {
  if (name.ends_with(".csv")) {
    return Format::csv;
  }
  if (name.ends_with(".jsonl")) {
    return Format::jsonl;
  }
  if (name.ends_with(".txt")) {
    return Format::text;
  }
  return std::nullopt;
}

std::string header(const WriteOptions& options) {
  if (options.format != Format::csv) {
    return "";
  }
  return fmt::format("reference,path,status,matches,keypoints,width,height,reason{}\r\n",
                     options.geometry ? ",inliers,model" : "");
}

void append_row(std::string& out, const ResultRow& row, const WriteOptions& options) {
  switch (options.format) {
    case Format::text:
      return append_text(out, row, options.null_terminated);
    case Format::csv:
      return append_csv(out, row, options.geometry);
    case Format::jsonl:
      return append_jsonl(out, row, options.geometry);
    case Format::matrix:
      return;
  }
}

EscapedPath escape_path(std::string_view path) {
  EscapedPath result;
  for (const char c : path) {
    switch (c) {
      case '\\':
        result.path += "\\\\";
        break;
      case '\n':
        result.path += "\\n";
        break;
      case '\r':
        result.path += "\\r";
        break;
      default:
        result.path += c;
        continue;
    }
    result.escaped = true;
  }
  return result;
}

}  // namespace bundle_match::results

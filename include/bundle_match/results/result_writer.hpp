// Rows of results as text, csv and jsonl; the formats are documented in README.md.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"
#include "bundle_match/results/result_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bundle_match::results {

/// Matrix is not of rows: matrix_writer.hpp has it.
enum class Format : std::uint8_t { text, csv, jsonl, matrix };

/// By the file name's extension (.csv, .jsonl, .txt); nothing for another one.
[[nodiscard]] std::optional<Format> format_from_file_name(std::string_view name);

/// One row: what came of matching one image with one reference. Views are borrowed.
struct ResultRow {
  std::string_view reference;
  std::string_view path;
  const ImageResult& image;  ///< its report; outcomes do not matter
  const PairResult& pair;
  const Computer& computer;
};

struct WriteOptions {
  Format format = Format::text;
  bool null_terminated = false;  ///< text only: rows end in NUL and paths are not escaped
  bool geometry = false;         ///< csv and jsonl: with inliers and model; matrix: of inliers
  bool one_way = false;          ///< matrix only: (a, b) having a count says nothing of (b, a)
};

/// What stands before the first row; empty but for csv.
[[nodiscard]] std::string header(const WriteOptions& options);

/// Appends the row to `out`. In text, a row that is not ok is left out; a matrix has none.
void append_row(std::string& out, const ResultRow& row, const WriteOptions& options);

/// The path with backslashes and line breaks escaped as sha256sum(1) does it; `escaped` says
/// whether there was anything to escape.
struct EscapedPath {
  std::string path;
  bool escaped = false;
};
[[nodiscard]] EscapedPath escape_path(std::string_view path);

}  // namespace bundle_match::results

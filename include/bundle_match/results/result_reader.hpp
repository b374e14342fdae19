// Rows of results back from text, csv and jsonl.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"
#include "bundle_match/results/result_table.hpp"
#include "bundle_match/results/result_writer.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bundle_match::results {

/// A file that holds no results, or damaged ones: where and why.
class ReadError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One row as it stands in a file. What the format does not tell is as in a fresh struct.
struct ReadRow {
  std::string reference;  ///< empty: not known
  std::string path;
  ImageResult image;
  PairResult pair;
  Computer computer;
};

/// By what stands at the beginning; of nothing at all, by the name. Throws ReadError for a matrix,
/// which has no rows.
[[nodiscard]] Format format_of(std::string_view bytes, std::string_view name);

/// Whether rows have inliers.
[[nodiscard]] bool has_geometry(std::string_view bytes, Format format);

/// Calls `visit` for every row, in order. Throws ReadError.
void read_rows(std::string_view bytes, Format format,
               const std::function<void(const ReadRow&)>& visit);

}  // namespace bundle_match::results

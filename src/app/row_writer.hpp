// The results of a finished run into the output file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_table.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "bundle_match/results/row_selection.hpp"

#include <string>

namespace bundle_match::app {

/// What rows are made of.
struct Rows {
  const PathList& references;  ///< of all pairs: the images
  const PathList& images;
  const results::ResultTable& results;
  results::RowSelection selection = {};  ///< not for a matrix, which has all
};

class RowWriter {
 public:
  /// Opens the output at once, so that one that cannot be written is known before any work. Throws
  /// std::system_error.
  RowWriter(const std::string& output, results::WriteOptions options);

  /// Writes all rows and gives the file its name. Every image must have a result. Throws
  /// std::system_error.
  void write_all(const Rows& rows);

 private:
  void append_rows(const Rows& rows);
  void append_matrix(const Rows& rows);
  void write_if_long();

  results::OutputFile file_;
  results::WriteOptions options_;
  std::string buffer_;
};

}  // namespace bundle_match::app

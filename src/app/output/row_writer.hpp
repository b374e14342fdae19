// The results of a finished run into the output file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_table.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "command/run_input.hpp"

#include <string>

namespace bundle_match::app {

class RowWriter {
 public:
  /// Opens the output at once, so that one that cannot be written is known before any work. Throws
  /// std::system_error.
  RowWriter(const std::string& output, results::WriteOptions options);

  /// Writes the rows that the command selects (a matrix has all) and gives the file its name. Every
  /// image must have a result. Throws std::system_error.
  void write_all(const RunInput& input, const results::ResultTable& table);

 private:
  void append_rows(const RunInput& input, const results::ResultTable& table);
  void append_matrix(const RunInput& input, const results::ResultTable& table);
  void write_if_long();

  results::OutputFile file_;
  results::WriteOptions options_;
  std::string buffer_;
};

}  // namespace bundle_match::app

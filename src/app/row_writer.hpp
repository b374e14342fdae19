// The rows of a finished run, in input order, into the output file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_table.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "command_line.hpp"

namespace bundle_match::app {

class RowWriter {
 public:
  /// Opens the output at once, so that one that cannot be written is known before any work. Throws
  /// std::system_error.
  explicit RowWriter(const CommandLine& command);

  /// Writes all rows and gives the file its name. Every image must have a result. Throws
  /// std::system_error.
  void write_all(const CommandLine& command, const PathList& paths,
                 const results::ResultTable& results);

 private:
  results::OutputFile file_;
  results::WriteOptions options_;
};

}  // namespace bundle_match::app

// The page of a finished run (--report).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/report/report.hpp"
#include "bundle_match/results/output_file.hpp"
#include "bundle_match/results/result_table.hpp"
#include "command/run_input.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::app {

/// A row of the page.
[[nodiscard]] report::Row report_row(ImageIndex image, std::string_view path,
                                     ReferenceIndex reference, const ImageResult& of_image,
                                     const results::PairResult& pair,
                                     const results::Computer& computer);

class RunReport {
 public:
  /// Finds out at once whether the file can be written. Throws std::system_error.
  explicit RunReport(const std::string& path) : file_(path) {}

  /// Fills in what the results and the command line say, beside what `data` has already: summary,
  /// pictures, timeline, further parameters. Throws std::system_error.
  void write(const RunInput& run, const results::ResultTable& table, report::ReportData data);

 private:
  results::OutputFile file_;
};

}  // namespace bundle_match::app

// Rows by the megabyte.
// SPDX-License-Identifier: Apache-2.0
#include "row_writer.hpp"

namespace bundle_match::app {

RowWriter::RowWriter(const CommandLine& command)
    : file_(command.output),
      options_{command.format.value_or(
                   results::format_from_file_name(command.output).value_or(results::Format::text)),
               command.null_separated} {}

void RowWriter::write_all(const CommandLine& command, const PathList& paths,
                          const results::ResultTable& results) {
  constexpr std::size_t kFlushAt = std::size_t{1} << 20;
  std::string rows = results::header(options_);
  for (ImageIndex image = 0; image < results.size(); ++image) {
    const ImageReport report = results.report(image);
    results::append_row(rows, {command.reference, paths[image], report, results.computer(image)},
                        options_);
    if (rows.size() >= kFlushAt) {
      file_.write(rows);
      rows.clear();
    }
  }
  file_.write(rows);
  file_.commit();
}

}  // namespace bundle_match::app

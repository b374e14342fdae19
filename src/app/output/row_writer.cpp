// Writes rows by the megabyte.
// SPDX-License-Identifier: Apache-2.0
#include "output/row_writer.hpp"

#include "bundle_match/results/matrix_writer.hpp"
#include "bundle_match/results/row_selection.hpp"

#include <cstddef>

namespace bundle_match::app {

RowWriter::RowWriter(const std::string& output, results::WriteOptions options)
    : file_(output), options_(options) {}

void RowWriter::write_all(const RunInput& input, const results::ResultTable& table) {
  if (options_.format == results::Format::matrix) {
    append_matrix(input, table);
  } else {
    append_rows(input, table);
  }
  file_.write(buffer_);
  buffer_.clear();
  file_.commit();
}

void RowWriter::append_rows(const RunInput& input, const results::ResultTable& table) {
  buffer_ = results::header(options_);
  const auto append = [&](ReferenceIndex reference, ImageIndex image) {
    const ImageResult report = table.report(image);
    const results::PairResult pair = table.pair(image, reference);
    results::append_row(
        buffer_,
        {input.path_of(reference), input.path_of(image), report, pair, table.computer(image)},
        options_);
    write_if_long();
  };
  results::for_each_row(table, input.command.selection, append);
}

void RowWriter::append_matrix(const RunInput& input, const results::ResultTable& table) {
  buffer_ = results::matrix_header(input.images);
  for (const ReferenceIndex reference : table.plan().reference_ids()) {
    results::append_matrix_line(buffer_, input.path_of(reference), reference, table, options_);
    write_if_long();
  }
}

void RowWriter::write_if_long() {
  constexpr std::size_t kLong = std::size_t{1} << 20;
  if (buffer_.size() >= kLong) {
    file_.write(buffer_);
    buffer_.clear();
  }
}

}  // namespace bundle_match::app

// Rows by the megabyte.
// SPDX-License-Identifier: Apache-2.0
#include "row_writer.hpp"

#include "bundle_match/results/matrix_writer.hpp"

#include <cstddef>

namespace bundle_match::app {

RowWriter::RowWriter(const std::string& output, results::WriteOptions options)
    : file_(output), options_(options) {}

void RowWriter::write_all(const Rows& rows) {
  if (options_.format == results::Format::matrix) {
    append_matrix(rows);
  } else {
    append_rows(rows);
  }
  file_.write(buffer_);
  buffer_.clear();
  file_.commit();
}

void RowWriter::append_rows(const Rows& rows) {
  buffer_ = results::header(options_);
  const auto append = [&](ReferenceIndex reference, ImageIndex image) {
    const ImageReport report = rows.results.report(image);
    const results::PairResult pair = rows.results.pair(image, reference);
    results::append_row(buffer_,
                        {rows.references[reference], rows.images[image], report, pair,
                         rows.results.computer(image)},
                        options_);
    write_if_long();
  };
  results::for_each_row(rows.results, rows.selection, append);
}

void RowWriter::append_matrix(const Rows& rows) {
  buffer_ = results::matrix_header(rows.images);
  for (ReferenceIndex reference = 0; reference < rows.references.size(); ++reference) {
    results::append_matrix_line(buffer_, rows.references[reference], reference, rows.results,
                                options_);
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

// Cells of the matrix.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/matrix_writer.hpp"

#include "csv.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <optional>

namespace bundle_match::results {
namespace {

std::optional<PairCounts> cell(ImageIndex image, ReferenceIndex reference,
                               const ResultTable& results, bool one_way) {
  if (!results.plan().among_images() || image > image_of(reference)) {
    return results.counts(image, reference);
  }
  if (image == image_of(reference) || one_way) {
    return std::nullopt;
  }
  return results.counts(image_of(reference), reference_of(image));
}

}  // namespace

std::string matrix_header(const PathList& images) {
  std::string out = "reference";
  for (std::size_t image = 0; image < images.size(); ++image) {
    out += ',';
    append_csv_field(out, images[image]);
  }
  return out += "\r\n";
}

void append_matrix_line(std::string& out, std::string_view path, ReferenceIndex reference,
                        const ResultTable& results, const WriteOptions& options) {
  append_csv_field(out, path);
  for (const ImageIndex image : results.plan().image_ids()) {
    out += ',';
    if (const auto counts = cell(image, reference, results, options.one_way)) {
      fmt::format_to(std::back_inserter(out), "{}",
                     options.geometry ? counts->inliers : counts->matches);
    }
  }
  out += "\r\n";
}

}  // namespace bundle_match::results

// A table of all counts: a line a reference, a column an image. It is csv; README.md documents it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/results/result_table.hpp"
#include "bundle_match/results/result_writer.hpp"

#include <string>
#include <string_view>

namespace bundle_match::results {

/// "reference", and the images' paths.
[[nodiscard]] std::string matrix_header(const PathList& images);

/// Appends the line of a reference: matches or, with WriteOptions::geometry, inliers; empty if the
/// pair has none. Of all pairs, it has a cell for every image, the reference's own is empty, and
/// with WriteOptions::one_way those before it are, too.
void append_matrix_line(std::string& out, std::string_view path, ReferenceIndex reference,
                        const ResultTable& results, const WriteOptions& options);

}  // namespace bundle_match::results

// Which rows are written, and in which order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"
#include "bundle_match/results/result_table.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace bundle_match::results {

/// Rows come reference by reference, each one's as `sort` says: in input order, or the best first.
/// Rows of equal inliers go by matches, then in input order; those that are not ok come last.
struct RowSelection {
  enum class Sort : std::uint8_t { input, matches, inliers };

  Sort sort = Sort::input;
  /// Of each reference, only the best of the rows that are ok: by inliers if `sort` is that, else
  /// by matches. Of all pairs, the best of the whole run, and sorted as a whole.
  std::optional<std::uint32_t> top = std::nullopt;
  /// Without rows that are ok and have fewer. What is not ok stays.
  std::uint32_t min_matches = 0;

  friend bool operator==(const RowSelection&, const RowSelection&) = default;
};

/// Calls `visit` for every row to be written, in order. Takes memory for one reference's rows at
/// most, or `top`; none for rows in input order without `top`.
void for_each_row(const ResultTable& results, const RowSelection& selection,
                  const std::function<void(ReferenceIndex, ImageIndex)>& visit);

}  // namespace bundle_match::results

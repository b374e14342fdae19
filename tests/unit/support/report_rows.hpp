// Rows of a report, and what is collected of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/report/row_collector.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bundle_match::report::test {

inline Row ok_row(ImageIndex image, std::uint32_t matches) {
  Row row;
  row.image = image;
  row.path = "image" + std::to_string(image.value());
  row.matches = matches;
  return row;
}

inline Row failed_row(ImageIndex image, const std::string& reason) {
  Row row = ok_row(image, 0);
  row.status = ImageStatus::unreadable;
  row.reason = reason;
  return row;
}

inline CollectedRows collected(const std::vector<Row>& rows, std::size_t images,
                               const RowCollector::Limits& limits = {}) {
  RowCollector collector(images, false, {}, limits);
  for (const Row& row : rows) {
    collector.add(row);
  }
  return collector.finish();
}

}  // namespace bundle_match::report::test

// The data that the page's script reads, as JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/report/report.hpp"

#include <string>

namespace bundle_match::report {

/// JSON, in UTF-8, without "<": it can stand in a script element, whatever its texts are.
struct PageData {
  std::string numbers;
  std::string pictures;  ///< megabytes that the page need not wait for
};

[[nodiscard]] PageData page_data(const ReportData& data);

}  // namespace bundle_match::report

// Groups of images in the rows of an output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/report/report.hpp"
#include "bundle_match/results/image_groups.hpp"
#include "bundle_match/results/result_writer.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::app {

/// Groups of images, connected by pairs with a number of inliers, or of matches if the rows have no
/// inliers.
struct FoundGroups {
  std::string rule;  ///< "at least 20 inliers"
  std::vector<results::ImageGroup> groups;
};

/// Pairs need `least` of them. Throws results::ReadError, also for rows that name no reference.
[[nodiscard]] FoundGroups find_groups(std::string_view bytes, results::Format format,
                                      std::uint32_t least);

/// For people: the first groups, with their first images.
[[nodiscard]] std::string groups_text(const FoundGroups& found);

/// For the page.
[[nodiscard]] report::ImageGroups report_groups(const FoundGroups& found);

}  // namespace bundle_match::app

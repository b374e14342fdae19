// Rows to groups, groups to text.
// SPDX-License-Identifier: Apache-2.0
#include "summarize/groups.hpp"

#include "bundle_match/results/result_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace bundle_match::app {
namespace {

using results::ImageGroup;

std::size_t images_in(const std::vector<ImageGroup>& groups) {
  std::size_t images = 0;
  for (const ImageGroup& group : groups) {
    images += group.size();
  }
  return images;
}

}  // namespace

FoundGroups find_groups(std::string_view bytes, results::Format format, std::uint32_t least) {
  const bool by_inliers = results::has_geometry(bytes, format);
  results::ImageGrouping grouping;
  results::read_rows(bytes, format, [&](const results::ReadRow& row) {
    if (row.reference.empty()) {
      throw results::ReadError("rows that name no reference make no groups");
    }
    const std::uint32_t count = by_inliers ? row.pair.inliers : row.pair.matches;
    if (row.pair.status == ImageStatus::ok && count >= least && row.reference != row.path) {
      grouping.connect(row.reference, row.path);
    }
  });
  return {fmt::format("at least {} {}{}", least, by_inliers ? "inlier" : "match",
                      least == 1   ? ""
                      : by_inliers ? "s"
                                   : "es"),
          grouping.groups()};
}

std::string groups_text(const FoundGroups& found) {
  constexpr std::size_t kMostGroups = 20;
  constexpr std::size_t kMostImages = 10;
  const std::size_t groups = found.groups.size();
  std::string text = fmt::format("\nGroups of images connected by {}: {}, with {} images\n",
                                 found.rule, groups, images_in(found.groups));
  for (std::size_t i = 0; i < std::min(groups, kMostGroups); ++i) {
    const ImageGroup& group = found.groups[i];
    text += fmt::format("{:>9} images\n", group.size());
    for (std::size_t k = 0; k < std::min(group.size(), kMostImages); ++k) {
      text += fmt::format("           {}\n", results::escape_path(group[k]).path);
    }
    if (group.size() > kMostImages) {
      text += fmt::format("           and {} more\n", group.size() - kMostImages);
    }
  }
  return groups > kMostGroups
             ? text + fmt::format("  and {} more groups; --format csv has them all\n",
                                  groups - kMostGroups)
             : text;
}

report::ImageGroups report_groups(const FoundGroups& found) {
  report::ImageGroups groups{found.rule, found.groups.size(), {}};
  for (const ImageGroup& group : found.groups) {
    if (groups.shown.size() == report::kMostGroups) {
      break;
    }
    const std::size_t shown = std::min(group.size(), report::kMostImagesOfGroup);
    groups.shown.push_back(
        {group.size(), {group.begin(), group.begin() + static_cast<std::ptrdiff_t>(shown)}});
  }
  return groups;
}

}  // namespace bundle_match::app

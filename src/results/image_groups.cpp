// Disjoint sets of images.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/image_groups.hpp"

#include "csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bundle_match::results {

std::size_t ImageGrouping::find_or_add(std::string_view path) {
  const auto [position, is_new] = positions_.try_emplace(std::string(path), paths_.size());
  if (is_new) {
    paths_.emplace_back(path);
    parents_.push_back(position->second);
  }
  return position->second;
}

std::size_t ImageGrouping::root_of(std::size_t image) {
  while (parents_[image] != image) {
    parents_[image] = parents_[parents_[image]];
    image = parents_[image];
  }
  return image;
}

// The root is the image that was named first, so that a parent stands before its children.
void ImageGrouping::connect(std::string_view a, std::string_view b) {
  const std::size_t image = find_or_add(a);
  const std::size_t other = find_or_add(b);
  const auto [first, last] = std::minmax({root_of(image), root_of(other)});
  parents_[last] = first;
}

std::vector<ImageGroup> ImageGrouping::groups() const {
  std::vector<std::size_t> roots(paths_.size());
  std::vector<ImageGroup> groups(paths_.size());
  for (std::size_t image = 0; image < paths_.size(); ++image) {
    const std::size_t parent = parents_[image];
    roots[image] = parent == image ? image : roots[parent];
    groups[roots[image]].push_back(paths_[image]);
  }
  groups.erase(std::remove_if(groups.begin(), groups.end(),
                              [](const ImageGroup& group) { return group.size() < 2; }),
               groups.end());
  std::stable_sort(groups.begin(), groups.end(),
                   [](const ImageGroup& a, const ImageGroup& b) { return a.size() > b.size(); });
  return groups;
}

std::string groups_as_csv(const std::vector<ImageGroup>& groups) {
  std::string text = "group,images,path\r\n";
  std::size_t number = 0;
  for (const ImageGroup& group : groups) {
    ++number;
    for (const std::string& path : group) {
      text += fmt::format("{},{},", number, group.size());
      append_csv_field(text, path);
      text += "\r\n";
    }
  }
  return text;
}

}  // namespace bundle_match::results

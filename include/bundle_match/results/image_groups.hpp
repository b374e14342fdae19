// Which images belong together: near duplicates, views of one scene.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bundle_match::results {

/// Paths of images that belong together.
using ImageGroup = std::vector<std::string>;

/// Connects images by path, in any order; those that are connected with the same ones, however many
/// are between, are a group. (Disjoint sets, with paths halved.)
class ImageGrouping {
 public:
  void connect(std::string_view a, std::string_view b);

  /// Of two images at least, the largest first, then that whose first image was named first. Images
  /// of a group are in the order in which they were named.
  [[nodiscard]] std::vector<ImageGroup> groups() const;

 private:
  std::size_t find_or_add(std::string_view path);
  std::size_t root_of(std::size_t image);

  std::unordered_map<std::string, std::size_t> positions_;
  std::vector<std::string> paths_;
  std::vector<std::size_t> parents_;  // a root is its own; parents stand before their children
};

/// A line an image: `group,images,path`, with the number of the group from 1 and how many images it
/// has. RFC 4180, with a header.
[[nodiscard]] std::string groups_as_csv(const std::vector<ImageGroup>& groups);

}  // namespace bundle_match::results

// The union of what each option chooses.
// SPDX-License-Identifier: Apache-2.0
#include "command/given_pairs.hpp"

#include "bundle_match/core/path_index.hpp"
#include "command/input_error.hpp"
#include "command/pair_list.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace bundle_match::app {
namespace {

// Where each reference stands once those that are no images are put before these.
std::vector<ImageIndex> put_references_before(const PathList& references, PathList& images) {
  if (references.empty()) {
    return {};
  }
  PathList all;
  std::vector<ImageIndex> among_images;
  std::set<std::string_view> seen;
  PathIndex positions(images);
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (!seen.insert(references[i]).second) {
      continue;
    }
    std::optional<ImageIndex> first;
    positions.for_each(references[i],
                       [&](ImageIndex at) { first = first ? std::min(*first, at) : at; });
    if (first) {
      among_images.push_back(*first);
    } else {
      all.add(references[i]);
    }
  }
  const std::size_t added = all.size();
  std::vector<ImageIndex> found;
  for (const ImageIndex reference : first_ids<ImageIndex>(added)) {
    found.push_back(reference);
  }
  for (const ImageIndex reference : among_images) {
    found.push_back(reference + added);
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    all.add(images[i]);
  }
  images = std::move(all);
  return found;
}

}  // namespace

GivenPairs given_pairs(const CommandLine& command, const PathList& references, PathList& images) {
  const std::size_t inputs = images.size();
  std::vector<ImageIndex> reference_images = put_references_before(references, images);
  const IdRange<ImageIndex> input(ImageIndex(images.size() - inputs), ImageIndex(images.size()));
  std::vector<PairSet::Pair> listed =
      read_pairs({command.pair_lists, command.null_separated, command.pairs_folder}, images);
  const std::size_t count = images.size();
  if (count > std::numeric_limits<std::int32_t>::max()) {
    throw InputError("too many images to match them with each other");
  }
  PairSet pairs = PairSet::of(count, std::move(listed));
  if (command.all_pairs) {
    pairs = PairSet::united(pairs, PairSet::all(count, input));
  } else if (command.window > 0) {
    pairs = PairSet::united(pairs, PairSet::window(count, command.window, input));
  }
  if (!reference_images.empty()) {
    pairs = PairSet::united(pairs, PairSet::each_with(count, reference_images, input));
  }
  return {std::move(pairs), std::move(reference_images)};
}

}  // namespace bundle_match::app

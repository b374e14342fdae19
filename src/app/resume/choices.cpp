// From records to positions of images.
// SPDX-License-Identifier: Apache-2.0
#include "resume/choices.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bundle_match::app {
namespace {

bool names(const std::vector<SimilarImage>& similar, ImageIndex image) {
  return std::any_of(similar.begin(), similar.end(),
                     [image](const SimilarImage& it) { return it.image == image; });
}

}  // namespace

void Choices::take(const results::JournalRecord& choice) {
  index_.for_each(choice.path, [&](ImageIndex image) { add(image, choice); });
}

void Choices::add(ImageIndex image, const results::JournalRecord& record) {
  Choice& choice = by_image_[image];
  choice.wanted = std::max(choice.wanted, record.wanted);
  const std::vector<SimilarImage> before = std::exchange(choice.similar, {});
  for (std::size_t i = 0; i < record.references.size(); ++i) {
    index_.for_each(record.references[i], [&](ImageIndex other) {
      if (other != image) {
        choice.similar.push_back({other, record.similarities[i]});
      }
    });
  }
  for (const SimilarImage& it : before) {
    if (!names(choice.similar, it.image)) {
      choice.similar.push_back(it);
    }
  }
}

bool Choices::has(ImageIndex image, std::uint32_t wanted) const {
  const auto choice = by_image_.find(image);
  return choice != by_image_.end() && choice->second.wanted >= wanted;
}

const std::vector<SimilarImage>& Choices::of(ImageIndex image) const {
  static const std::vector<SimilarImage> none;
  const auto choice = by_image_.find(image);
  return choice != by_image_.end() ? choice->second.similar : none;
}

bool Choices::chose(ImageIndex image, ImageIndex other) const { return names(of(image), other); }

std::vector<PairSet::Pair> Choices::pairs() const {
  std::vector<PairSet::Pair> pairs;
  for (const auto& entry : by_image_) {
    for (const SimilarImage& other : entry.second.similar) {
      pairs.push_back({entry.first, other.image});
    }
  }
  return pairs;
}

}  // namespace bundle_match::app

// Pairs of images, held against a plain set of them.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/pair_set.hpp"

#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bundle_match {
namespace {

// (image, reference), ordered as pairs are numbered.
using Plain = std::set<std::pair<std::uint64_t, std::uint32_t>>;

Plain plain_all(std::uint64_t images, std::uint64_t distance) {
  Plain plain;
  for (std::uint64_t b = 0; b < images; ++b) {
    for (std::uint64_t a = 0; a < b; ++a) {
      if (b - a <= distance) {
        plain.emplace(b, static_cast<std::uint32_t>(a));
      }
    }
  }
  return plain;
}

void expect_ranges_with_gaps(const PairSet& set, ImageIndex image) {
  std::uint64_t next = 0;
  const auto ranges = set.references_of(image).ranges();
  for (const ReferenceRange& range : ranges) {
    EXPECT_GT(range.count, 0U);
    EXPECT_TRUE(next == 0 || range.first.value() > next) << "two ranges that are one";
    next = std::uint64_t{range.first.value()} + range.count;
  }
}

void expect_pairs(const PairSet& set, std::size_t images, const Plain& plain) {
  ASSERT_EQ(set.images(), images);
  ASSERT_EQ(set.size(), plain.size());
  Plain by_image;
  Plain by_reference;
  for (const ImageIndex image : first_ids<ImageIndex>(images)) {
    EXPECT_EQ(set.first_of(image), by_image.size());
    expect_ranges_with_gaps(set, image);
    for (const ReferenceIndex reference : set.references_of(image)) {
      EXPECT_EQ(set.find(image, reference), by_image.size());
      by_image.emplace(image.value(), reference.value());
    }
    for (const IdRange<ImageIndex>& others : set.images_of(reference_of(image))) {
      for (const ImageIndex other : others) {
        EXPECT_TRUE(by_reference.emplace(other.value(), reference_of(image).value()).second);
      }
    }
  }
  EXPECT_EQ(by_image, plain);
  EXPECT_EQ(by_reference, plain);
  for (std::uint64_t image = 0; image < images; ++image) {
    for (std::uint32_t reference = 0; reference < images; ++reference) {
      EXPECT_EQ(set.find(ImageIndex(image), ReferenceIndex(reference)).has_value(),
                plain.count({image, reference}) > 0);
    }
  }
}

TEST(PairSet, OfAllHasEveryPair) {
  for (const std::size_t images : {0U, 1U, 2U, 3U, 40U}) {
    expect_pairs(PairSet::all(images), images, plain_all(images, images));
  }
}

TEST(PairSet, OfAllCountsBeyond32Bits) {
  const PairSet set = PairSet::all(200'000);
  EXPECT_EQ(set.size(), 19'999'900'000U);
  EXPECT_EQ(set.find(199'999_image, 199'998_reference), 19'999'899'999U);
}

TEST(PairSet, OfAWindowHasTheNeighbours) {
  for (const std::size_t images : {0U, 1U, 2U, 7U, 40U}) {
    for (const std::uint64_t distance : {1U, 2U, 6U, 39U, 1000U}) {
      expect_pairs(PairSet::window(images, distance), images, plain_all(images, distance));
    }
  }
}

TEST(PairSet, MayBeAmongSomeImagesAlone) {
  expect_pairs(PairSet::all(6, {0_image, 4_image}), 6, plain_all(4, 4));
  expect_pairs(PairSet::window(6, 2, {0_image, 4_image}), 6, plain_all(4, 2));
  expect_pairs(PairSet::all(3, {}), 3, {});
  expect_pairs(PairSet::all(6, {2_image, 5_image}), 6, {{3, 2}, {4, 2}, {4, 3}});
  expect_pairs(PairSet::window(6, 1, {2_image, 5_image}), 6, {{3, 2}, {4, 3}});
}

TEST(PairSet, OfSomeWithOthersHasEachOfTheseOnce) {
  std::mt19937 random(11);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same sets each time
  for (int round = 0; round < 100; ++round) {
    const std::uint64_t images = 1 + random() % 12;
    const std::uint64_t first = random() % (images + 1);
    const std::uint64_t past = first + random() % (images - first + 1);
    std::vector<ImageIndex> each;
    Plain plain;
    for (std::uint64_t count = random() % 5; count > 0; --count) {
      const std::uint64_t one = random() % images;
      each.emplace_back(one);
      for (std::uint64_t other = first; other < past; ++other) {
        if (one != other) {
          plain.emplace(std::max(one, other), static_cast<std::uint32_t>(std::min(one, other)));
        }
      }
    }
    expect_pairs(PairSet::each_with(images, each, {ImageIndex(first), ImageIndex(past)}), images,
                 plain);
  }
}

TEST(PairSet, OfNoneHasImages) {
  expect_pairs(PairSet(3), 3, {});
  expect_pairs(PairSet::of(3, {}), 3, {});
  expect_pairs(PairSet::of(0, {}), 0, {});
}

TEST(PairSet, TakesPairsInAnyOrderEachOnce) {
  const PairSet set = PairSet::of(6, {{5_image, 1_image},
                                      {0_image, 3_image},
                                      {1_image, 5_image},
                                      {2_image, 5_image},
                                      {0_image, 3_image}});
  expect_pairs(set, 6, {{3, 0}, {5, 1}, {5, 2}});
  EXPECT_EQ(set.references_of(5_image).ranges().size(), 1U) << "1 and 2 are one range";
}

TEST(PairSet, RefusesWhatAreNoPairs) {
  EXPECT_THROW((void)PairSet::of(3, {{1_image, 1_image}}), std::invalid_argument);
  EXPECT_THROW((void)PairSet::of(3, {{1_image, 3_image}}), std::invalid_argument);
  EXPECT_THROW((void)PairSet::each_with(3, {3_image}, {}), std::invalid_argument);
  EXPECT_THROW((void)PairSet::each_with(3, {0_image}, {1_image, 4_image}), std::invalid_argument);
  EXPECT_THROW((void)PairSet::united(PairSet::all(3), PairSet::all(4)), std::invalid_argument);
}

TEST(PairSet, OfAnySetsIsTheirUnion) {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same sets each time
  for (int round = 0; round < 50; ++round) {
    const std::size_t images = 2 + random() % 20;
    std::vector<PairSet> sets;
    Plain plain;
    for (int i = 0; i < 2; ++i) {
      std::vector<PairSet::Pair> pairs;
      for (std::size_t pair = random() % 60; pair > 0; --pair) {
        const std::uint64_t a = random() % images;
        const std::uint64_t b = random() % images;
        if (a != b) {
          pairs.push_back({ImageIndex(a), ImageIndex(b)});
          plain.emplace(std::max(a, b), static_cast<std::uint32_t>(std::min(a, b)));
        }
      }
      sets.push_back(PairSet::of(images, std::move(pairs)));
    }
    expect_pairs(PairSet::united(sets[0], sets[1]), images, plain);
    expect_pairs(PairSet::united(sets[0], PairSet::all(images)), images, plain_all(images, images));
  }
}

}  // namespace
}  // namespace bundle_match

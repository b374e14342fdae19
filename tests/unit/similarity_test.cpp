// Words, vectors of images, and the nearest of them, by every kernel that this CPU supports.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/similarity/codebook.hpp"
#include "bundle_match/similarity/image_descriptor.hpp"
#include "bundle_match/similarity/most_similar.hpp"
#include "each_kernel.hpp"
#include "matching_reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace bundle_match::similarity {
namespace {

using matching::kDescriptorSize;
using matching::Kernel;
using matching::test::Descriptors;
using matching::test::make_descriptors;
using matching::test::Values;

using EachKernelsSimilarity = matching::test::WithEachKernel;

std::vector<std::uint8_t> bytes_of(const Codebook& codebook) {
  const auto words = codebook.words();
  return {words.data, words.data + words.rows * kDescriptorSize};
}

// Around that value in all elements, nearer to it than to others.
void add_cluster(Descriptors& to, int value, std::size_t rows, std::mt19937& random) {
  for (std::size_t i = 0; i < rows * kDescriptorSize; ++i) {
    to.bytes.push_back(static_cast<std::uint8_t>(value - 1 + static_cast<int>(random() % 3)));
  }
}

TEST_P(EachKernelsSimilarity, WordsAreTheMiddlesOfClusters) {
  std::mt19937 random(1);
  Descriptors sample;
  for (const int value : {20, 90, 160, 230}) {
    add_cluster(sample, value, 500, random);
  }
  const Codebook codebook = train_codebook(sample.view(), 4, GetParam());
  ASSERT_EQ(codebook.size(), 4U);
  std::multiset<int> middles;
  for (std::size_t word = 0; word < 4; ++word) {
    const std::uint8_t* const row = codebook.words().row(word);
    EXPECT_EQ(std::count(row, row + kDescriptorSize, row[0]), 128);
    middles.insert(row[0]);
  }
  EXPECT_EQ(middles, (std::multiset<int>{20, 90, 160, 230}));
}

TEST_P(EachKernelsSimilarity, WordsAreTheSameWhateverTheKernel) {
  std::mt19937 random(2);
  const Descriptors sample = make_descriptors(Values::kSiftLike, 3000, random);
  const Codebook expected = train_codebook(sample.view(), 32, *matching::find_kernel("plain"));
  EXPECT_EQ(expected.size(), 32U);
  EXPECT_EQ(bytes_of(train_codebook(sample.view(), 32, GetParam())), bytes_of(expected));
}

TEST_P(EachKernelsSimilarity, ThereAreNoMoreWordsThanDescriptors) {
  std::mt19937 random(3);
  const Descriptors sample = make_descriptors(Values::kRandom, 3, random);
  EXPECT_EQ(train_codebook(sample.view(), 32, GetParam()).size(), 3U);
  EXPECT_EQ(train_codebook({}, 32, GetParam()).size(), 0U);
}

TEST_P(EachKernelsSimilarity, AWordThatIsNearestToNothingBecomesAnother) {
  // All but one are equal, so that some of the first words are.
  std::mt19937 random(4);
  Descriptors sample = make_descriptors(Values::kZero, 200, random);
  std::fill_n(sample.bytes.begin() + 77 * kDescriptorSize, kDescriptorSize, std::uint8_t{200});
  const std::vector<std::uint8_t> words = bytes_of(train_codebook(sample.view(), 3, GetParam()));
  EXPECT_EQ(std::count(words.begin(), words.end(), 200), 128) << "the odd one has a word";
}

std::vector<std::uint8_t> vector_of(const Codebook& codebook, const Descriptors& image,
                                    const Kernel& kernel) {
  std::vector<std::uint8_t> vectors;
  ImageDescriber describer(codebook, kernel);
  describer.append(image.view(), vectors);
  EXPECT_EQ(vectors.size(), describer.size());
  return vectors;
}

Codebook two_words() {
  std::vector<std::uint8_t> words(2 * kDescriptorSize, 100);
  std::fill_n(words.begin() + kDescriptorSize, kDescriptorSize, std::uint8_t{200});
  return Codebook(std::move(words));
}

TEST_P(EachKernelsSimilarity, AnImagesVectorIsTheNormalizedRootsOfItsDifferences) {
  Descriptors image;
  image.bytes.assign(2 * kDescriptorSize, 100);
  // To the first word: 9 more and 16 less in one element each and, in the other descriptor, 75 less
  // in 100 elements. The second has none.
  image.bytes[0] = 109;
  image.bytes[1] = 84;
  std::fill_n(image.bytes.begin() + kDescriptorSize + 10, 100, std::uint8_t{25});
  const auto vector = vector_of(two_words(), image, GetParam());
  // Of 7525, squared, in all; two words, of which one is used: 128 * sqrt(2) / sqrt(7525) = 2.0868.
  std::vector<std::uint8_t> expected(2 * kDescriptorSize, 128);
  expected[0] = 128 + 6;                                                         // 3 * 2.09
  expected[1] = 128 - 8;                                                         // 4 * 2.09
  std::fill_n(expected.begin() + 10, 100, static_cast<std::uint8_t>(128 - 18));  // 8.66 * 2.09
  EXPECT_EQ(vector, expected);
}

TEST_P(EachKernelsSimilarity, LargeElementsAreCutOff) {
  Descriptors image;
  image.bytes.assign(2 * kDescriptorSize, 100);
  image.bytes[5] = 120;
  std::fill_n(image.bytes.begin() + kDescriptorSize, kDescriptorSize, std::uint8_t{200});
  image.bytes[kDescriptorSize + 6] = 180;
  const auto vector = vector_of(two_words(), image, GetParam());
  std::vector<std::uint8_t> expected(2 * kDescriptorSize, 128);
  expected[5] = 255;
  expected[kDescriptorSize + 6] = 1;
  EXPECT_EQ(vector, expected);
}

TEST_P(EachKernelsSimilarity, AnImageWithoutDifferencesIsAllZero) {
  EXPECT_EQ(vector_of(two_words(), {}, GetParam()), std::vector<std::uint8_t>(256, 128));
  EXPECT_EQ(vector_of(two_words(), {std::vector<std::uint8_t>(kDescriptorSize, 200)}, GetParam()),
            std::vector<std::uint8_t>(256, 128));
  EXPECT_TRUE(vector_of(Codebook(), {}, GetParam()).empty());
}

// By sorting all distances.
std::vector<std::vector<Similar>> reference_similar(const Descriptors& vectors,
                                                    const std::vector<std::uint32_t>& asked,
                                                    std::size_t count) {
  std::vector<std::vector<Similar>> all;
  const auto rows = vectors.view();
  for (const std::uint32_t i : asked) {
    std::vector<Similar> similar;
    for (std::uint32_t j = 0; j < rows.rows; ++j) {
      if (j != i) {
        similar.push_back({j, matching::test::reference_distance(rows.row(i), rows.row(j))});
      }
    }
    std::stable_sort(similar.begin(), similar.end(),
                     [](const Similar& a, const Similar& b) { return a.distance < b.distance; });
    similar.resize(std::min(count, similar.size()));
    all.push_back(std::move(similar));
  }
  return all;
}

const auto kGoOn = [] { return true; };

matching::VectorView as_vectors(const Descriptors& rows) {
  return {rows.bytes.data(), rows.view().rows, kDescriptorSize};
}

std::vector<std::uint32_t> every(std::uint32_t step, std::size_t rows) {
  std::vector<std::uint32_t> asked;
  for (std::uint32_t row = step / 2; row < rows; row += step) {
    asked.push_back(row);
  }
  return asked;
}

// A block is of 1024 rows and 256 columns.
TEST_P(EachKernelsSimilarity, TheMostSimilarAreTheNearest) {
  std::mt19937 random(5);
  struct Case {
    std::size_t vectors;
    std::uint32_t step;
    std::size_t count;
  };
  for (const Case& it : {Case{2, 1, 1}, Case{5, 1, 9}, Case{300, 1, 7}, Case{300, 13, 20},
                         Case{1030, 1, 3}, Case{1300, 100, 3}, Case{2100, 2, 3}}) {
    for (const Values values : {Values::kRandom, Values::kFewDistinct}) {
      const Descriptors vectors = make_descriptors(values, it.vectors, random);
      const std::vector<std::uint32_t> asked = every(it.step, it.vectors);
      EXPECT_EQ(most_similar(as_vectors(vectors), asked, it.count, GetParam(), kGoOn),
                reference_similar(vectors, asked, it.count))
          << it.vectors << " vectors, of which each " << it.step << ". is asked for";
    }
  }
}

TEST_P(EachKernelsSimilarity, NothingIsLikeTheOnlyOne) {
  const Descriptors one{std::vector<std::uint8_t>(kDescriptorSize)};
  EXPECT_EQ(most_similar(as_vectors(one), {0}, 5, GetParam(), kGoOn),
            std::vector<std::vector<Similar>>(1));
  EXPECT_TRUE(most_similar({nullptr, 0, kDescriptorSize}, {}, 5, GetParam(), kGoOn).empty());
}

TEST_P(EachKernelsSimilarity, CanBeBrokenOff) {
  std::mt19937 random(6);
  const Descriptors vectors = make_descriptors(Values::kRandom, 600, random);
  int asked = 0;
  EXPECT_TRUE(most_similar(as_vectors(vectors), every(1, 600), 5, GetParam(), [&] {
                return ++asked < 3;
              }).empty());
  EXPECT_EQ(asked, 3);
}

INSTANTIATE_TEST_SUITE_P(Similarity, EachKernelsSimilarity, testing::ValuesIn(matching::kernels()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace bundle_match::similarity

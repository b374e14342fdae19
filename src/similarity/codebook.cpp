// K-means over descriptors; distances are the matching kernel's.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/similarity/codebook.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

namespace bundle_match::similarity {
namespace {

using matching::kDescriptorSize;

// After that, words hardly move any more.
constexpr int kMostRounds = 8;

// Different rows of the sample, the same every time.
std::vector<std::uint8_t> first_words(matching::DescriptorView sample, std::size_t words) {
  std::vector<std::size_t> rows(sample.rows);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::mt19937_64 random(1);
  std::vector<std::uint8_t> chosen;
  chosen.reserve(words * kDescriptorSize);
  for (std::size_t i = 0; i < words; ++i) {
    std::swap(rows[i], rows[i + random() % (rows.size() - i)]);
    const std::uint8_t* const row = sample.row(rows[i]);
    chosen.insert(chosen.end(), row, row + kDescriptorSize);
  }
  return chosen;
}

// Means of the rows nearest to each word. A word that is nearest to none becomes the row that is
// farthest from its own.
std::vector<std::uint8_t> means(matching::DescriptorView sample,
                                std::vector<matching::Nearest>& nearest, std::size_t words) {
  std::vector<std::uint64_t> sums(words * kDescriptorSize);
  std::vector<std::uint64_t> counts(words);
  for (std::size_t i = 0; i < sample.rows; ++i) {
    const std::size_t word = nearest[i].index;
    ++counts[word];
    for (std::size_t k = 0; k < kDescriptorSize; ++k) {
      sums[word * kDescriptorSize + k] += sample.row(i)[k];
    }
  }
  std::vector<std::uint8_t> means(words * kDescriptorSize);
  for (std::size_t word = 0; word < words; ++word) {
    std::uint8_t* const mean = means.data() + word * kDescriptorSize;
    if (counts[word] == 0) {
      const auto farthest =
          std::max_element(nearest.begin(), nearest.end(),
                           [](const auto& a, const auto& b) { return a.distance < b.distance; });
      std::copy_n(sample.row(static_cast<std::size_t>(farthest - nearest.begin())), kDescriptorSize,
                  mean);
      farthest->distance = 0;  // another word takes another one
      continue;
    }
    for (std::size_t k = 0; k < kDescriptorSize; ++k) {
      const std::uint64_t rounded =
          (sums[word * kDescriptorSize + k] + counts[word] / 2) / counts[word];
      mean[k] = static_cast<std::uint8_t>(rounded);
    }
  }
  return means;
}

}  // namespace

Codebook train_codebook(matching::DescriptorView sample, std::size_t words,
                        const matching::Kernel& kernel) {
  words = std::min(words, sample.rows);
  std::vector<std::uint8_t> codebook = first_words(sample, words);
  matching::NearestNeighbours nearest;
  for (int round = 0; round < kMostRounds && words > 0; ++round) {
    kernel.make_matcher({codebook.data(), words})->match(sample, nearest);
    std::vector<std::uint8_t> moved = means(sample, nearest.of_train, words);
    if (moved == codebook) {
      break;
    }
    codebook = std::move(moved);
  }
  return Codebook(std::move(codebook));
}

}  // namespace bundle_match::similarity

// Sums of differences, and their normalization.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/similarity/image_descriptor.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace bundle_match::similarity {
namespace {

using matching::kDescriptorSize;

constexpr int kZero = 128;

// An element of a part of length 1 is 1 / sqrt(128) on average, which becomes 11: few are cut off,
// also where few words are used.
constexpr double kScale = 128;

// Squared length of the signed square roots.
std::uint64_t squared_length(std::span<const std::int32_t> part) {
  std::uint64_t sum = 0;
  for (const std::int32_t value : part) {
    sum += static_cast<std::uint64_t>(std::abs(std::int64_t{value}));
  }
  return sum;
}

std::uint8_t to_byte(std::int32_t sum, double factor) {
  const double root = std::sqrt(std::abs(static_cast<double>(sum))) * factor;
  const int rounded = (static_cast<int>(2 * std::min(root, 127.0)) + 1) / 2;  // to the nearest
  return static_cast<std::uint8_t>(kZero + (sum < 0 ? -rounded : rounded));
}

}  // namespace

ImageDescriber::ImageDescriber(const Codebook& codebook, const matching::Kernel& kernel)
    : codebook_(codebook),
      words_(kernel.make_matcher(codebook_.words())),
      sums_(codebook_.size() * kDescriptorSize) {}

void ImageDescriber::append(matching::DescriptorView image, std::vector<std::uint8_t>& vectors) {
  sum_up(image);
  const std::size_t words = codebook_.size();
  std::vector<std::uint64_t> lengths;
  lengths.reserve(words);
  for (std::size_t word = 0; word < words; ++word) {
    lengths.push_back(
        squared_length(std::span(sums_).subspan(word * kDescriptorSize, kDescriptorSize)));
  }
  const auto used = static_cast<double>(
      words - static_cast<std::size_t>(std::count(lengths.begin(), lengths.end(), 0U)));
  // So that the whole is as long whether many words are used or few.
  const double scale = used > 0 ? kScale * std::sqrt(static_cast<double>(words) / used) : 0;
  for (std::size_t word = 0; word < words; ++word) {
    const double factor =
        lengths[word] > 0 ? scale / std::sqrt(static_cast<double>(lengths[word])) : 0;
    const std::size_t begin = vectors.size();
    vectors.resize(begin + kDescriptorSize);
    for (std::size_t k = 0; k < kDescriptorSize; ++k) {
      vectors[begin + k] = to_byte(sums_[word * kDescriptorSize + k], factor);
    }
  }
}

double ImageDescriber::similarity(std::uint32_t distance) const {
  const double squared_length = kScale * kScale * static_cast<double>(codebook_.size());
  return std::max(0.0, 1 - distance / (2 * squared_length));
}

void ImageDescriber::sum_up(matching::DescriptorView image) {
  std::fill(sums_.begin(), sums_.end(), 0);
  if (codebook_.size() == 0) {
    return;
  }
  words_->match(image, nearest_);
  for (std::size_t i = 0; i < image.rows; ++i) {
    const std::size_t word = nearest_.of_train[i].index;
    const std::uint8_t* const descriptor = image.row(i);
    const std::uint8_t* const centre = codebook_.words().row(word);
    std::int32_t* const sums = sums_.data() + word * kDescriptorSize;
    for (std::size_t k = 0; k < kDescriptorSize; ++k) {
      sums[k] += descriptor[k] - centre[k];
    }
  }
}

}  // namespace bundle_match::similarity

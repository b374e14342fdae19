// Words of a visual vocabulary: descriptors that stand for all that are near them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/kernel.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bundle_match::similarity {

/// Words of 128 elements, uint8 as descriptors are.
class Codebook {
 public:
  Codebook() = default;  ///< without words
  explicit Codebook(std::vector<std::uint8_t> words) : words_(std::move(words)) {}

  [[nodiscard]] matching::DescriptorView words() const {
    return {words_.data(), words_.size() / matching::kDescriptorSize};
  }
  [[nodiscard]] std::size_t size() const { return words().rows; }

 private:
  std::vector<std::uint8_t> words_;
};

/// So many words, or as many as there are descriptors in the sample, by k-means (Lloyd 1982) in
/// integers: the same sample gives the same words on every machine.
[[nodiscard]] Codebook train_codebook(matching::DescriptorView sample, std::size_t words,
                                      const matching::Kernel& kernel);

}  // namespace bundle_match::similarity

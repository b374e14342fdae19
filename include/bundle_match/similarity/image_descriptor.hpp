// One vector for a whole image, made of its descriptors: images that show the same have vectors
// near each other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/kernel.hpp"
#include "bundle_match/similarity/codebook.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace bundle_match::similarity {

/// Vector of locally aggregated descriptors (VLAD; Jegou, Douze, Schmid and Perez 2010): for each
/// word the sum of the differences to it of the descriptors that are nearest to it; signed square
/// roots (Jegou et al. 2012); each word's part normalized by itself (Arandjelovic and Zisserman
/// 2013), the whole to one length; 8 bits an element, 128 standing for 0.
///
/// A function of descriptors and words alone: integers, and roots that IEEE 754 rounds in one way.
/// Not thread-safe.
class ImageDescriber {
 public:
  ImageDescriber(const Codebook& codebook, const matching::Kernel& kernel);

  /// Elements of a vector: words x 128.
  [[nodiscard]] std::size_t size() const { return sums_.size(); }
  /// Appends the image's vector to `vectors`.
  void append(matching::DescriptorView image, std::vector<std::uint8_t>& vectors);

  /// Of two images with that squared distance between their vectors: the cosine of the angle
  /// between these; 0 if it is negative.
  [[nodiscard]] double similarity(std::uint32_t distance) const;

 private:
  void sum_up(matching::DescriptorView image);

  Codebook codebook_;
  std::unique_ptr<matching::Matcher> words_;
  // Kept for their capacity.
  matching::NearestNeighbours nearest_;
  std::vector<std::int32_t> sums_;
};

}  // namespace bundle_match::similarity

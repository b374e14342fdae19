// All squared distances between two sets of long vectors, such as descriptors of whole images.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/descriptors.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace bundle_match::matching {

/// Longest vector: a squared distance is then below 2^30 (8192 * 255^2).
inline constexpr std::size_t kLongestVector = 8192;

/// A borrowed matrix of vectors: rows x size, row-major, uint8, no padding between rows. `size` is
/// a multiple of kDescriptorSize, and at most kLongestVector.
struct VectorView {
  const std::uint8_t* data = nullptr;
  std::size_t rows = 0;
  std::size_t size = 0;

  [[nodiscard]] const std::uint8_t* row(std::size_t i) const { return data + i * size; }
  /// Some of the rows.
  [[nodiscard]] VectorView part(std::size_t first, std::size_t count) const {
    return {row(first), count, size};
  }
};

/// Throws std::invalid_argument for a size that a VectorView must not have.
inline void check_vector_size(std::size_t size) {
  if (size == 0 || size % kDescriptorSize != 0 || size > kLongestVector) {
    throw std::invalid_argument("vectors of a size that is not a multiple of 128, or too large");
  }
}

/// Holds some vectors, packed once for its kernel, as the rows of matrices of distances. All
/// kernels give the same integers. Not thread-safe: one object per thread.
class Distances {
 public:
  virtual ~Distances() = default;
  Distances() = default;
  Distances(const Distances&) = delete;
  Distances& operator=(const Distances&) = delete;

  /// Squared Euclidean distances from each of the rows to each of the columns: rows x columns.rows,
  /// row-major. `out` is overwritten; its capacity is reused. Throws std::invalid_argument for
  /// vectors of another size than the rows have.
  virtual void compute(VectorView columns, std::vector<std::uint32_t>& out) = 0;
};

}  // namespace bundle_match::matching

// From inner products to distances: |r - c|^2 = |r|^2 + |c|^2 - 2 r.c, where the kernel gives
// r.(c - bias).
//
// No overflow: for vectors of 8192 elements an inner product is at most 8192 * 255^2 = 532,684,800,
// and so is a sum of squares; bias * sum(r) is at most 8192 * 255 * 128.
// SPDX-License-Identifier: Apache-2.0
#include "tile/distances.hpp"

#include "tile/packing.hpp"

#include <cstdint>

namespace bundle_match::matching::tile {
namespace {

class TileDistances final : public Distances {
 public:
  TileDistances(const TileKernel& kernel, VectorView rows) : kernel_(kernel), size_(rows.size) {
    check_vector_size(rows.size);
    pack_rows(kernel.shape, rows, rows_);
  }

  void compute(VectorView columns, std::vector<std::uint32_t>& out) override {
    if (columns.size != size_) {
      throw std::invalid_argument("vectors of different sizes have no distance");
    }
    out.resize(rows_.sums.size() * columns.rows);
    if (out.empty()) {
      return;  // and nothing has an address
    }
    pack_columns(kernel_.shape, columns, columns_);
    const std::size_t stride = columns_.tiles * kernel_.shape.columns();
    products_.resize(rows_.tiles * kernel_.shape.rows * stride);
    kernel_.multiply({rows_.tiles, columns_.tiles, size_ / kernel_.shape.group,
                      rows_.elements.data(), columns_.elements.data(), products_.data()});
    std::uint32_t* to = out.data();
    for (std::size_t r = 0; r < rows_.sums.size(); ++r) {
      const std::int32_t* const products = products_.data() + r * stride;
      // Twice the bias that each product lacks.
      const std::int32_t of_row =
          rows_.sums[r].squares - 2 * kernel_.shape.bias * rows_.sums[r].values;
      for (std::size_t c = 0; c < columns.rows; ++c) {
        *to++ = static_cast<std::uint32_t>(of_row + columns_.sums[c].squares - 2 * products[c]);
      }
    }
  }

 private:
  TileKernel kernel_;
  std::size_t size_;
  PackedVectors rows_;
  // Kept for their capacity.
  PackedVectors columns_;
  AlignedVector<std::int32_t> products_;
};

}  // namespace

std::unique_ptr<Distances> make_distances(const TileKernel& kernel, VectorView rows) {
  return std::make_unique<TileDistances>(kernel, rows);
}

}  // namespace bundle_match::matching::tile

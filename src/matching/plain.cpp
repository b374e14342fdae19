// The plain kernel: portable C++, the readable reference for the others.
//
// Distances as |q|^2 + |t|^2 - 2 q.t: the inner product of int16 is what compilers turn into
// pmaddwd on x86-64's baseline and smlal on aarch64's.
//
// No overflow: of descriptors, inner products and squares are at most 128 * 255^2 = 8,323,200, of
// long vectors 8192 * 255^2 < 2^29; the sum of two squares is less than 2^30.
// SPDX-License-Identifier: Apache-2.0
#include "plain.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bundle_match::matching::plain {
namespace {

// Trains at a time: their widened rows (16 KiB) stay in the first-level cache while all queries
// pass once.
constexpr std::size_t kBlockRows = 64;

// Inlined, so that the size of descriptors is a constant to it.
[[gnu::always_inline]] inline std::int32_t inner_product(const std::int16_t* a,
                                                         const std::int16_t* b, std::size_t size) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < size; ++k) {
    sum += a[k] * b[k];
  }
  return sum;
}

VectorView as_vectors(DescriptorView view) { return {view.data, view.rows, kDescriptorSize}; }

// Vectors widened to int16, with their squared lengths.
struct Widened {
  std::size_t size = 0;
  std::vector<std::int16_t> values;   // rows x size
  std::vector<std::int32_t> squares;  // rows

  void assign(VectorView from) {
    size = from.size;
    values.assign(from.data, from.data + from.rows * size);
    squares.resize(from.rows);
    for (std::size_t i = 0; i < from.rows; ++i) {
      squares[i] = inner_product(row(i), row(i), size);
    }
  }
  [[nodiscard]] const std::int16_t* row(std::size_t i) const { return values.data() + i * size; }
  [[nodiscard]] std::uint32_t rows() const { return static_cast<std::uint32_t>(squares.size()); }
};

// Strictly less keeps the lower index, as candidates come in ascending order.
void offer(Nearest& nearest, std::uint32_t index, std::uint32_t distance) {
  if (distance >= nearest.second_distance) {
    return;  // nearly always
  }
  if (distance < nearest.distance) {
    nearest.second_distance = nearest.distance;
    nearest.distance = distance;
    nearest.index = index;
  } else {
    nearest.second_distance = distance;
  }
}

class PlainMatcher final : public Matcher {
 public:
  explicit PlainMatcher(DescriptorView query) { query_.assign(as_vectors(query)); }

  void match(DescriptorView train, NearestNeighbours& out) override {
    out.of_query.assign(query_.rows(), Nearest{});
    out.of_train.assign(train.rows, Nearest{});
    for (std::size_t first = 0; first < train.rows; first += kBlockRows) {
      block_.assign(as_vectors(train).part(first, std::min(kBlockRows, train.rows - first)));
      match_block(static_cast<std::uint32_t>(first), out);
    }
  }

 private:
  void match_block(std::uint32_t first, NearestNeighbours& out) const {
    for (std::uint32_t i = 0; i < query_.rows(); ++i) {
      for (std::uint32_t j = 0; j < block_.rows(); ++j) {
        const auto distance = static_cast<std::uint32_t>(
            query_.squares[i] + block_.squares[j] -
            2 * inner_product(query_.values.data() + i * kDescriptorSize,
                              block_.values.data() + j * kDescriptorSize, kDescriptorSize));
        offer(out.of_query[i], first + j, distance);
        offer(out.of_train[first + j], i, distance);
      }
    }
  }

  Widened query_;
  Widened block_;
};

class PlainDistances final : public Distances {
 public:
  explicit PlainDistances(VectorView rows) {
    check_vector_size(rows.size);
    rows_.assign(rows);
  }

  void compute(VectorView columns, std::vector<std::uint32_t>& out) override {
    if (columns.size != rows_.size) {
      throw std::invalid_argument("vectors of different sizes have no distance");
    }
    columns_.assign(columns);
    out.clear();
    out.reserve(std::size_t{rows_.rows()} * columns_.rows());
    for (std::uint32_t r = 0; r < rows_.rows(); ++r) {
      for (std::uint32_t c = 0; c < columns_.rows(); ++c) {
        out.push_back(static_cast<std::uint32_t>(
            rows_.squares[r] + columns_.squares[c] -
            2 * inner_product(rows_.row(r), columns_.row(c), rows_.size)));
      }
    }
  }

 private:
  Widened rows_;
  Widened columns_;
};

}  // namespace

std::unique_ptr<Matcher> make_matcher(DescriptorView query) {
  return std::make_unique<PlainMatcher>(query);
}

std::unique_ptr<Distances> make_distances(VectorView rows) {
  return std::make_unique<PlainDistances>(rows);
}

}  // namespace bundle_match::matching::plain

// The interface between tile kernels and the code around them: plain pointers and numbers, so that
// a file compiled for one instruction set instantiates no library code (see loop.hpp).
//
// Vocabulary: a *tile* is `rows` train descriptors x `vectors * lanes` query descriptors, whose
// inner products all stay in registers. A *panel* is some row tiles, a *chunk* some column tiles.
//
// Keys: what a kernel maximises is one int32 that holds score and index, so that keeping the best,
// the second best and the index costs three instructions a vector (two max, one min):
//   key = score * 256 + (255 - local index)      (higher score first, then lower index)
// With t a train, q a query descriptor and sum = (q - bias) . t as the kernel accumulates it:
//   row key    = 512 * sum + query_key,  score = 2 sum - |q|^2
//              = |t|^2 - 2 bias sum(t) - distance(q, t)
//   column key = 512 * sum + train_key,  score = 2 sum + 2 bias sum(t) - |t|^2
//              = |q|^2 - distance(q, t)
// Within a row (t fixed) resp. a column (q fixed) the highest score is the smallest distance.
//
// Nothing overflows. Each of 128 dimensions adds to a score:
//   column:            2 q t - t^2          in [-65025, 65025]
//   row, bias 0:       2 q t - q^2          in [-65025, 65025]
//   row, bias 128:     2 (q - 128) t - q^2  in [-65280, 0]
// so |score| <= 128 * 65280 = 8,355,840 < 2^23 - 1 and every key lies above kNoKey and within
// int32. The addition may pass through values outside int32 and wraps back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace bundle_match::matching::tile {

inline constexpr std::int32_t kNoKey = std::numeric_limits<std::int32_t>::min();
inline constexpr int kIndexBits = 8;
inline constexpr std::int32_t kIndexMask = (1 << kIndexBits) - 1;

/// The layout of operands that suits an instruction set.
struct Shape {
  std::size_t lanes;          ///< int32 in a vector, one query each
  std::size_t vectors;        ///< vectors of queries in a tile
  std::size_t rows;           ///< trains in a tile
  std::size_t group;          ///< dimensions that a lane takes in one step; divides 128
  std::size_t element_bytes;  ///< of a packed dimension: 1 (8-bit) or 2 (int16)
  int bias;                   ///< subtracted from each query dimension when packed: 0 or 128

  [[nodiscard]] constexpr std::size_t columns() const { return lanes * vectors; }
};

/// One panel of trains against one chunk of queries. All arrays are 64-byte aligned.
struct PanelTask {
  std::size_t row_tiles;
  std::size_t column_tiles;
  const std::byte* train;          ///< row_tiles * rows descriptors, row-major
  const std::int32_t* train_keys;  ///< one a train; kNoKey for padding
  /// column_tiles tiles of [128 / group][vectors][lanes][group] elements.
  const std::byte* query;
  const std::int32_t* query_keys;  ///< one a query; kNoKey for padding
  /// In and out: [row][lane], the two highest row keys of each lane's queries.
  std::int32_t* row_best;
  std::int32_t* row_second;
  /// Out: one a query, the two highest column keys over this panel.
  std::int32_t* column_best;
  std::int32_t* column_second;
};

/// The inner products of some rows and some columns of any length; packed as trains and queries
/// are.
struct ProductTask {
  std::size_t row_tiles;
  std::size_t column_tiles;
  std::size_t steps;  ///< groups in a row
  const std::byte* rows;
  const std::byte* columns;
  std::int32_t*
      out;  ///< (row_tiles * rows) x (column_tiles * columns()), row-major, 64-byte aligned
};

/// An instruction set's tile loops.
struct TileKernel {
  Shape shape;
  void (*run)(const PanelTask& task);
  void (*multiply)(const ProductTask& task);
};

}  // namespace bundle_match::matching::tile

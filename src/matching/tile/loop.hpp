// The loop over tiles, written once for all instruction sets.
//
// Included by files that are compiled with flags of their own (-mavx2 ...). Whatever such a file
// instantiates must stay private to it: a shared inline function could otherwise be linked in its
// AVX2 version into code that runs everywhere. Hence: `Isa` is always a type of an anonymous
// namespace, which gives run_tiles<Isa> internal linkage, and no function of std:: is called here.
// A test looks at the object files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/descriptors.hpp"
#include "tile/tile_kernel.hpp"

#include <cstdint>
#include <type_traits>
#include <utility>

namespace bundle_match::matching::tile {

/// Calls f with the constants 0 .. kCount - 1. Written out before any optimization, so that arrays
/// indexed by them live in registers; compilers unroll loops too late for that.
template <std::size_t kCount, class F>
[[gnu::always_inline]] inline void unroll(F f) {
  [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) __attribute__((always_inline)) {
    (f(std::integral_constant<std::size_t, kIndex>{}), ...);
  }
  (std::make_index_sequence<kCount>{});
}

/// What an `Isa` has: kShape; the types Vector (int32 lanes), Query and Train (operands of dot);
/// and the static functions used below, each one instruction or two.
template <class Isa>
struct TileLoop {
  using Vector = typename Isa::Vector;
  static constexpr Shape kShape = Isa::kShape;
  static constexpr std::size_t kRows = kShape.rows;
  static constexpr std::size_t kVectors = kShape.vectors;
  static constexpr std::size_t kLanes = kShape.lanes;
  static constexpr std::size_t kGroupBytes = kShape.group * kShape.element_bytes;
  static constexpr std::size_t kSteps = kDescriptorSize / kShape.group;
  static constexpr std::size_t kTrainBytes = kDescriptorSize * kShape.element_bytes;
  static constexpr std::size_t kQueryTileBytes = kTrainBytes * kShape.columns();

  /// The two highest column keys of a tile's queries, over the rows so far.
  struct Columns {
    Vector best[kVectors];
    Vector second[kVectors];
  };

  using Sums = Vector[kRows][kVectors];

  [[gnu::always_inline]] static inline void clear(Sums& sum) {
    unroll<kRows>(
        [&](auto r) { unroll<kVectors>([&](auto v) { sum[r][v] = Isa::broadcast(0); }); });
  }

  /// Adds the inner products of kRows trains, so many bytes apart, with the queries of one tile,
  /// over so many groups.
  [[gnu::always_inline]] static inline void multiply(const std::byte* train,
                                                     std::size_t train_bytes,
                                                     const std::byte* query, std::size_t steps,
                                                     Sums& sum) {
    for (std::size_t step = 0; step < steps; ++step) {
      typename Isa::Query q[kVectors];
      unroll<kVectors>([&](auto v) {
        q[v] = Isa::load_query(query + (step * kVectors + v) * kLanes * kGroupBytes);
      });
      unroll<kRows>([&](auto r) {
        const typename Isa::Train t = Isa::load_train(train + r * train_bytes + step * kGroupBytes);
        unroll<kVectors>([&](auto v) { sum[r][v] = Isa::dot(sum[r][v], t, q[v]); });
      });
    }
  }

  /// Keeps the two highest of best >= second and key.
  [[gnu::always_inline]] static inline void offer(Vector key, Vector& best, Vector& second) {
    second = Isa::max(second, Isa::min(best, key));
    best = Isa::max(best, key);
  }

  /// Offers a tile's sums to the keys of its rows (first is row `row`) and columns.
  [[gnu::always_inline]] static inline void keep(const Sums& sum, const PanelTask& task,
                                                 std::size_t row, const std::int32_t* query_keys,
                                                 Columns& columns) {
    unroll<kRows>([&](auto r) {
      std::int32_t* const best_at = task.row_best + (row + r) * kLanes;
      std::int32_t* const second_at = task.row_second + (row + r) * kLanes;
      const Vector train_key = Isa::broadcast(task.train_keys[row + r]);
      Vector best = Isa::load(best_at);
      Vector second = Isa::load(second_at);
      unroll<kVectors>([&](auto v) {
        const Vector scaled = Isa::template shift_left<kIndexBits + 1>(sum[r][v]);
        offer(Isa::add(scaled, Isa::load(query_keys + v * kLanes)), best, second);
        offer(Isa::add(scaled, train_key), columns.best[v], columns.second[v]);
      });
      Isa::store(best_at, best);
      Isa::store(second_at, second);
    });
  }

  static void run(const PanelTask& task) {
    for (std::size_t tile = 0; tile < task.column_tiles; ++tile) {
      const std::size_t column = tile * kShape.columns();
      Columns columns;
      unroll<kVectors>(
          [&](auto v) { columns.best[v] = columns.second[v] = Isa::broadcast(kNoKey); });
      for (std::size_t row = 0; row < task.row_tiles * kRows; row += kRows) {
        Sums sum;
        clear(sum);
        multiply(task.train + row * kTrainBytes, kTrainBytes, task.query + tile * kQueryTileBytes,
                 kSteps, sum);
        keep(sum, task, row, task.query_keys + column, columns);
      }
      unroll<kVectors>([&](auto v) {
        Isa::store(task.column_best + column + v * kLanes, columns.best[v]);
        Isa::store(task.column_second + column + v * kLanes, columns.second[v]);
      });
    }
  }

  static void multiply_all(const ProductTask& task) {
    const std::size_t row_bytes = task.steps * kGroupBytes;
    const std::size_t stride = task.column_tiles * kShape.columns();
    for (std::size_t tile = 0; tile < task.column_tiles; ++tile) {
      const std::byte* const columns = task.columns + tile * kShape.columns() * row_bytes;
      std::int32_t* const out = task.out + tile * kShape.columns();
      for (std::size_t row = 0; row < task.row_tiles * kRows; row += kRows) {
        Sums sum;
        clear(sum);
        multiply(task.rows + row * row_bytes, row_bytes, columns, task.steps, sum);
        unroll<kRows>([&](auto r) {
          unroll<kVectors>(
              [&](auto v) { Isa::store(out + (row + r) * stride + v * kLanes, sum[r][v]); });
        });
      }
    }
  }
};

}  // namespace bundle_match::matching::tile

// Blurs in vectors: each sum has the order of the plain kernels, many sums run side by side.
// For inclusion by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "scalar_math.hpp"

#include <utility>

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

/// Filters along x, `Count` vectors at a time, any radius.
template <typename V, int Count>
BUNDLE_MATCH_INLINE void blur_row_vectors(const float* in, float* out, Taps taps) {
  typename V::Float sums[Count];
  const float* left = in - taps.radius;
  const auto outermost = V::all(taps.half[taps.radius]);
  for (int j = 0; j < Count; ++j) {
    sums[j] = V::mul(V::load(left + j * V::kLanes), outermost);
  }
  for (int i = 1 - taps.radius; i <= taps.radius; ++i) {
    const auto tap = V::all(taps.half[i < 0 ? -i : i]);
    for (int j = 0; j < Count; ++j) {
      sums[j] = V::fma(V::load(in + i + j * V::kLanes), tap, sums[j]);
    }
  }
  for (int j = 0; j < Count; ++j) {
    V::store(out + j * V::kLanes, sums[j]);
  }
}

/// Any radius. What is left after whole blocks is computed as a block that overlaps the one before.
template <typename V, int Count>
void blur_row_any(const float* in, float* out, int width, Taps taps) {
  constexpr int kBlock = Count * V::kLanes;
  const int whole = (width + V::kLanes - 1) / V::kLanes * V::kLanes;
  if (whole < kBlock) {
    for (int x = 0; x < whole; x += V::kLanes) {
      blur_row_vectors<V, 1>(in + x, out + x, taps);
    }
    return;
  }
  for (int x = 0; x < whole; x += kBlock) {
    const int start = smaller(x, whole - kBlock);
    blur_row_vectors<V, Count>(in + start, out + start, taps);
  }
}

/// A run of sums along x on its way: the vectors at hand and the sums begun.
template <typename V, int Count>
struct RowRun {
  const float* in;
  float* out;
  typename V::Float here, next;  ///< two whole vectors, between which pixels are looked for
  typename V::Float sums[Count];
};

/// One vector of pixels, `Offset` behind the run's first: it serves as one tap of this sum, as
/// another of the next. Of `LoadEvery` vectors one is loaded, the others are made of two that are
/// at hand, as loads that cross a cache line take twice as long.
template <typename V, int Radius, int Count, int LoadEvery, int Offset>
BUNDLE_MATCH_INLINE void add_pixels(RowRun<V, Count>& run, const typename V::Float* tap) {
  constexpr int kLead = (V::kLanes - Radius % V::kLanes) % V::kLanes;
  constexpr int kShift = (Offset + kLead) % V::kLanes;
  constexpr int kLoaded = Offset + kLead - kShift - kLead - Radius;  // from `in`
  if constexpr (Offset == 0 || kShift == 0) {
    run.here = Offset == 0 ? V::load(run.in + kLoaded) : run.next;
    run.next = V::load(run.in + kLoaded + V::kLanes);
  }
  typename V::Float pixels;
  if constexpr (kShift != 0 && Offset % LoadEvery == 0) {
    pixels = V::load(run.in + Offset - Radius);
  } else {
    pixels = V::template shifted<kShift>(run.here, run.next);
  }
#pragma GCC unroll 16
  for (int j = 0; j < Count; ++j) {
    const int i = Offset - j * V::kLanes;
    if (i == 0) {
      run.sums[j] = V::mul(pixels, tap[Radius]);
    } else if (i > 0 && i <= 2 * Radius) {
      run.sums[j] = V::fma(pixels, tap[i < Radius ? Radius - i : i - Radius], run.sums[j]);
    }
    if (i == 2 * Radius) {
      V::store(run.out + j * V::kLanes, run.sums[j]);
    }
  }
}

template <typename V, int Radius, int Count, int LoadEvery, int... Offsets>
BUNDLE_MATCH_INLINE void blur_run(const float* in, float* out, const typename V::Float* tap,
                                  std::integer_sequence<int, Offsets...>) {
  RowRun<V, Count> run;
  run.in = in;
  run.out = out;
  (add_pixels<V, Radius, Count, LoadEvery, Offsets>(run, tap), ...);
}

/// Filters along x, a run of `Count` vectors at a time; the last one overlaps the one before.
template <typename V, int Radius, int Count, int LoadEvery>
void blur_row_sharing(const float* in, float* out, int width, Taps taps) {
  typename V::Float tap[Radius + 1];
  for (int i = 0; i <= Radius; ++i) {
    tap[i] = V::all(taps.half[i]);
  }
  constexpr int kRun = Count * V::kLanes;
  const int whole = (width + V::kLanes - 1) / V::kLanes * V::kLanes;
  if (whole < kRun) {
    constexpr std::make_integer_sequence<int, 2 * Radius + 1> kOffsets;
    for (int x = 0; x < whole; x += V::kLanes) {
      blur_run<V, Radius, 1, LoadEvery>(in + x, out + x, tap, kOffsets);
    }
    return;
  }
  constexpr std::make_integer_sequence<int, kRun - V::kLanes + 2 * Radius + 1> kOffsets;
  for (int x = 0; x < whole; x += kRun) {
    const int start = smaller(x, whole - kRun);
    blur_run<V, Radius, Count, LoadEvery>(in + start, out + start, tap, kOffsets);
  }
}

/// Filters `Rows` rows along y: the rows above and below their centres slide through registers, so
/// that each is loaded once.
template <typename V, int Radius, int Rows>
BUNDLE_MATCH_INLINE void blur_columns_sharing(const float* const* rows, float* const* out, int x0,
                                              int x1, Taps taps) {
  for (int x = x0; x < x1; x += V::kLanes) {
    typename V::Float sums[Rows], up[Rows], down[Rows];
#pragma GCC unroll 8
    for (int j = 0; j < Rows; ++j) {
      const auto centre = V::load(rows[Radius + j] + x);
      sums[j] = V::mul(centre, V::all(taps.half[0]));
      up[j] = down[j] = centre;
    }
    // up[j % Rows] is the row i above centre j - i % Rows, and so on: one row of each is new in
    // each step.
#pragma GCC unroll 32
    for (int i = 1; i <= Radius; ++i) {
      const auto tap = V::all(taps.half[i]);
      up[(Rows * 8 - i) % Rows] = V::load(rows[Radius - i] + x);
      down[(Rows - 1 + i) % Rows] = V::load(rows[Radius + Rows - 1 + i] + x);
#pragma GCC unroll 8
      for (int j = 0; j < Rows; ++j) {
        const auto pair = V::add(down[(j + i) % Rows], up[(Rows * 8 + j - i) % Rows]);
        sums[j] = V::fma(pair, tap, sums[j]);
      }
    }
#pragma GCC unroll 8
    for (int j = 0; j < Rows; ++j) {
      V::store(out[j] + x, sums[j]);
    }
  }
}

/// A block of rows, `Rows` at a time.
template <typename V, int Radius, int Rows>
void blur_block(const float* const* rows, float* const* out, int x0, int x1, Taps taps) {
  static_assert(kBlockRows % Rows == 0);
  for (int j = 0; j < kBlockRows; j += Rows) {
    blur_columns_sharing<V, Radius, Rows>(rows + j, out + j, x0, x1, taps);
  }
}

template <typename V>
void blur_columns_any(const float* const* rows, float* const* out, int x0, int x1, Taps taps) {
  for (int j = 0; j < kBlockRows; ++j) {
    const float* const* centre = rows + j + taps.radius;
    for (int x = x0; x < x1; x += V::kLanes) {
      auto sum = V::mul(V::load(centre[0] + x), V::all(taps.half[0]));
      for (int i = 1; i <= taps.radius; ++i) {
        sum = V::fma(V::add(V::load(centre[i] + x), V::load(centre[-i] + x)), V::all(taps.half[i]),
                     sum);
      }
      V::store(out[j] + x, sum);
    }
  }
}

/// The radii that the default options need have code of their own.
template <typename V, int Rows>
void blur_columns_vectorized(const float* const* rows, float* const* out, int x0, int x1,
                             Taps taps) {
  switch (taps.radius) {
    case 5:
      return blur_block<V, 5, Rows>(rows, out, x0, x1, taps);
    case 6:
      return blur_block<V, 6, Rows>(rows, out, x0, x1, taps);
    case 8:
      return blur_block<V, 8, Rows>(rows, out, x0, x1, taps);
    case 10:
      return blur_block<V, 10, Rows>(rows, out, x0, x1, taps);
    case 13:
      return blur_block<V, 13, Rows>(rows, out, x0, x1, taps);
    default:
      return blur_columns_any<V>(rows, out, x0, x1, taps);
  }
}

template <typename V, int Count, int LoadEvery>
void blur_row_vectorized(const float* in, float* out, int width, Taps taps) {
  switch (taps.radius) {
    case 5:
      return blur_row_sharing<V, 5, Count, LoadEvery>(in, out, width, taps);
    case 6:
      return blur_row_sharing<V, 6, Count, LoadEvery>(in, out, width, taps);
    case 8:
      return blur_row_sharing<V, 8, Count, LoadEvery>(in, out, width, taps);
    case 10:
      return blur_row_sharing<V, 10, Count, LoadEvery>(in, out, width, taps);
    case 13:
      return blur_row_sharing<V, 13, Count, LoadEvery>(in, out, width, taps);
    default:
      return blur_row_any<V, Count>(in, out, width, taps);
  }
}

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

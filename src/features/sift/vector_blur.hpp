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

/// Filters along x, a run of vectors at a time; the last one overlaps the one before. `Pass` says
/// how many vectors a run has, and computes it.
template <typename V, int Radius, typename Pass>
void blur_row_in_runs(const float* in, float* out, int width, Taps taps) {
  typename V::Float tap[Radius + 1];
  for (int i = 0; i <= Radius; ++i) {
    tap[i] = V::all(taps.half[i]);
  }
  constexpr int kRun = Pass::kVectors * V::kLanes;
  const int whole = (width + V::kLanes - 1) / V::kLanes * V::kLanes;
  if (whole < kRun) {
    for (int x = 0; x < whole; x += V::kLanes) {
      Pass::template run<V, Radius, 1>(in + x, out + x, tap);
    }
    return;
  }
  for (int x = 0; x < whole; x += kRun) {
    const int start = smaller(x, whole - kRun);
    Pass::template run<V, Radius, Pass::kVectors>(in + start, out + start, tap);
  }
}

/// Every vector of pixels is loaded once and serves all sums that it is in: for vectors of few
/// lanes, of which each is in many.
template <int Count>
struct SharedPixels {
  static constexpr int kVectors = Count;

  template <typename V, int Radius, int Vectors>
  BUNDLE_MATCH_INLINE static void run(const float* in, float* out, const typename V::Float* tap) {
    typename V::Float sums[Vectors];
    add_all<V, Radius, Vectors>(
        in, out, sums, tap,
        std::make_integer_sequence<int, (Vectors - 1) * V::kLanes + 2 * Radius + 1>());
  }

 private:
  template <typename V, int Radius, int Vectors, int... Offsets>
  BUNDLE_MATCH_INLINE static void add_all(const float* in, float* out, typename V::Float* sums,
                                          const typename V::Float* tap,
                                          std::integer_sequence<int, Offsets...> /*offsets*/) {
    (add<V, Radius, Vectors, Offsets>(in, out, sums, tap), ...);
  }

  /// The vector of pixels `Offset` behind the run's first: it serves as one tap of this sum, as
  /// another of the next.
  template <typename V, int Radius, int Vectors, int Offset>
  BUNDLE_MATCH_INLINE static void add(const float* in, float* out, typename V::Float* sums,
                                      const typename V::Float* tap) {
    const auto pixels = V::load(in + Offset - Radius);
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; ++j) {
      const int i = Offset - j * V::kLanes;
      if (i == 0) {
        sums[j] = V::mul(pixels, tap[Radius]);
      } else if (i > 0 && i <= 2 * Radius) {
        sums[j] = V::fma(pixels, tap[i < Radius ? Radius - i : i - Radius], sums[j]);
      }
      if (i == 2 * Radius) {
        V::store(out + j * V::kLanes, sums[j]);
      }
    }
  }
};

constexpr int rounded_up(int value, int to) { return (value + to - 1) / to * to; }

/// The sums of a run take each tap one after another, so that none waits for its own last step: for
/// vectors of many lanes, of which hardly one is in two sums.
template <int Count>
struct SideBySide {
  static constexpr int kVectors = Count;

  template <typename V, int Radius, int Vectors>
  BUNDLE_MATCH_INLINE static void run(const float* in, float* out, const typename V::Float* tap) {
    constexpr int kWhole = Vectors + 2 * kMargin<V, Radius> / V::kLanes;
    typename V::Float whole[kWhole];
    typename V::Float sums[Vectors];
#pragma GCC unroll 32
    for (int i = 0; i < kWhole; ++i) {
      whole[i] = V::load(in - kMargin<V, Radius> + i * V::kLanes);
    }
    add_all<V, Radius>(in, whole, sums, tap, std::make_integer_sequence<int, 2 * Radius + 1>(),
                       std::make_integer_sequence<int, Vectors>());
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; ++j) {
      V::store(out + j * V::kLanes, sums[j]);
    }
  }

 private:
  /// Pixels before the run's first from which on they lie in whole vectors.
  template <typename V, int Radius>
  static constexpr int kMargin = rounded_up(Radius, V::kLanes);

  template <typename V, int Radius, int... Steps, int... Js>
  BUNDLE_MATCH_INLINE static void add_all(const float* in, const typename V::Float* whole,
                                          typename V::Float* sums, const typename V::Float* tap,
                                          std::integer_sequence<int, Steps...> /*taps*/,
                                          std::integer_sequence<int, Js...> sum_numbers) {
    (add_tap<V, Radius, Steps>(in, whole, sums, tap, sum_numbers), ...);
  }

  template <typename V, int Radius, int Step, int... Js>
  BUNDLE_MATCH_INLINE static void add_tap(const float* in, const typename V::Float* whole,
                                          typename V::Float* sums, const typename V::Float* tap,
                                          std::integer_sequence<int, Js...> /*sums*/) {
    (add<V, Radius, Step, Js>(in, whole, sums[Js], tap), ...);
  }

  /// Of two vectors of pixels one is loaded, the other made of two that are at hand, as loads that
  /// cross a cache line take twice as long.
  template <typename V, int Radius, int Step, int J>
  BUNDLE_MATCH_INLINE static void add(const float* in, const typename V::Float* whole,
                                      typename V::Float& sum, const typename V::Float* tap) {
    constexpr int kOffset = Step - Radius + J * V::kLanes;  // from `in`
    constexpr int kPlace = (kOffset + kMargin<V, Radius>) / V::kLanes;
    constexpr int kShift = (kOffset + kMargin<V, Radius>) % V::kLanes;
    typename V::Float pixels;
    if constexpr (kShift == 0) {
      pixels = whole[kPlace];
    } else if constexpr ((Step + J) % 2 == 0) {
      pixels = V::load(in + kOffset);
    } else {
      pixels = V::template shifted<kShift>(whole[kPlace], whole[kPlace + 1]);
    }
    const auto& of_step = tap[larger(Radius - Step, Step - Radius)];
    if constexpr (Step == 0) {
      sum = V::mul(pixels, of_step);
    } else {
      sum = V::fma(pixels, of_step, sum);
    }
  }
};

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

/// The radii that the default options need, small, medium and large ones, have code of their own.
template <typename V, typename Small, typename Medium, typename Large>
void blur_row_vectorized(const float* in, float* out, int width, Taps taps) {
  switch (taps.radius) {
    case 5:
      return blur_row_in_runs<V, 5, Small>(in, out, width, taps);
    case 6:
      return blur_row_in_runs<V, 6, Small>(in, out, width, taps);
    case 8:
      return blur_row_in_runs<V, 8, Medium>(in, out, width, taps);
    case 10:
      return blur_row_in_runs<V, 10, Large>(in, out, width, taps);
    case 13:
      return blur_row_in_runs<V, 13, Large>(in, out, width, taps);
    default:
      return blur_row_any<V, 4>(in, out, width, taps);
  }
}

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

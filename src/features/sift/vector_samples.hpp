// Orientations and descriptors in vectors: gradients, weights and shares are computed a vector at a
// time; the sums of the histograms are added up one sample after the other, in cv::SIFT's order.
// For inclusion by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "scalar_keypoint.hpp"
#include "scalar_math.hpp"

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

template <typename V>
BUNDLE_MATCH_INLINE typename V::Float exp_vector(typename V::Float a) {
  auto x = V::mul(V::max(a, V::all(kExpLowest)), V::all(kExpPrescale));
  const auto steps = V::round(x);
  x = V::mul(V::sub(x, V::to_float(steps)), V::all(1.0F / 64));
  const auto exponent = V::max(V::add(V::template shift_right<6>(steps), V::all(127)), V::all(0));
  const auto scale = V::mul(V::exp_table(V::bits_and(steps, V::all(63))),
                            V::as_float(V::template shift_left<23>(exponent)));
  auto p = V::add(x, V::all(kExpA1));
  p = V::fma(p, x, V::all(kExpA2));
  p = V::fma(p, x, V::all(kExpA3));
  p = V::fma(p, x, V::all(kExpA4));
  return V::mul(p, scale);
}

template <typename V>
BUNDLE_MATCH_INLINE typename V::Float atan_vector(typename V::Float y, typename V::Float x) {
  const auto ax = V::magnitude(x);
  const auto ay = V::magnitude(y);
  const auto c = V::div(V::min(ax, ay), V::add(V::max(ax, ay), V::all(kAtanEpsilon)));
  const auto cc = V::mul(c, c);
  auto p = V::fma(cc, V::all(kAtanP7), V::all(kAtanP5));
  p = V::fma(p, cc, V::all(kAtanP3));
  p = V::fma(p, cc, V::all(kAtanP1));
  auto angle = V::mul(p, c);
  angle = V::where_less(ax, ay, V::sub(V::all(90.0F), angle), angle);
  angle = V::where_less(x, V::all(0.0F), V::sub(V::all(180.0F), angle), angle);
  return V::where_less(y, V::all(0.0F), V::sub(V::all(360.0F), angle), angle);
}

template <typename V>
BUNDLE_MATCH_INLINE typename V::Float length_vector(typename V::Float x, typename V::Float y) {
  return V::root(V::fma(x, x, V::mul(y, y)));
}

/// Keeps the compiler from taking the lanes out of a vector one by one, which is slower than by
/// memory.
template <typename Values>
BUNDLE_MATCH_INLINE void through_memory(const Values& values) {
  asm volatile("" : : "r"(&values) : "memory");
}

constexpr int kGroup = 16;      ///< samples that cv::SIFT takes at a time
constexpr int kPending = 1024;  ///< samples gathered before they are added

/// The samples from `from` on, less than a group, become the first.
inline void move_rest(float* samples, int from) {
  __builtin_memmove(samples, samples + from, kGroup * sizeof(float));
}

/// Gradients and weights that wait to be added.
struct OrientationSamples {
  alignas(64) float dx[kPending + 2 * kGroup];
  alignas(64) float dy[kPending + 2 * kGroup];
  alignas(64) float exponent[kPending + 2 * kGroup];
};

/// Adds the samples from `first` on, a multiple of 16 of them.
template <typename V>
BUNDLE_MATCH_INLINE void add_directions(float* bins, const OrientationSamples& s, int count) {
  for (int k = 0; k < count; k += V::kLanes) {
    alignas(64) int bin[V::kLanes];
    alignas(64) float share[V::kLanes];
    const auto dx = V::load(s.dx + k);
    const auto dy = V::load(s.dy + k);
    auto b = V::round(V::mul(V::all(kOrientationBins / 360.0F), atan_vector<V>(dy, dx)));
    b = V::add_if_negative(V::subtract_from(b, kOrientationBins, kOrientationBins),
                           kOrientationBins);
    V::store(bin, b);
    V::store(share, V::mul(exp_vector<V>(V::load(s.exponent + k)), length_vector<V>(dx, dy)));
    through_memory(bin);
    through_memory(share);
#pragma GCC unroll 16
    for (int i = 0; i < V::kLanes; ++i) {
      bins[bin[i]] += share[i];
    }
  }
}

/// Adds the last samples, less than 16, with one rounding each. `few`: there were no others.
inline void add_last_directions(float* bins, const OrientationSamples& s, int first, int count,
                                bool few) {
  for (int k = first; k < first + count; ++k) {
    int bin = round_to_int(kOrientationBins / 360.0F * atan_as_opencv(s.dy[k], s.dx[k], few));
    bin -= bin >= kOrientationBins ? kOrientationBins : 0;
    bin += bin < 0 ? kOrientationBins : 0;
    bins[bin] = fma32(exp_as_opencv(s.exponent[k]), length_as_opencv(s.dx[k], s.dy[k]), bins[bin]);
  }
}

template <typename V>
int orientations(const Window& window, int x, int y, float scale, float* angles) {
  const int radius = round_to_int(4.5F * scale);
  const float sigma = 1.5F * scale;
  const float exponent = -1.0F / (2.0F * sigma * sigma);
  const int x0 = larger(x - radius, 1), x1 = smaller(x + radius, window.width - 2) + 1;
  const int y0 = larger(y - radius, 1), y1 = smaller(y + radius, window.height - 2) + 1;
  OrientationSamples s;
  float bins[kOrientationBins + 4] = {};
  int pending = 0;
  bool any = false;
  for (int row = y0; row < y1; ++row) {
    const float* const* rows = window.rows + (row - window.first_row);
    // Rows lie pages apart: nothing but this fetches them ahead.
    const float* ahead = window.rows[smaller(row + 4, y1) - window.first_row] - window.first_column;
    __builtin_prefetch(ahead + x0);
    __builtin_prefetch(ahead + x1);
    for (int column = x0; column < x1; column += V::kLanes) {
      const float* here = rows[0] + (column - window.first_column);
      const auto dx = V::sub(V::load(here + 1), V::load(here - 1));
      const auto dy = V::sub(V::load(rows[-1] + (column - window.first_column)),
                             V::load(rows[1] + (column - window.first_column)));
      const auto across = V::count_from(column - x);
      const auto distance2 = V::add(V::mul(across, across), V::all((row - y) * (row - y)));
      V::store(s.dx + pending, dx);
      V::store(s.dy + pending, dy);
      V::store(s.exponent + pending, V::mul(V::to_float(distance2), V::all(exponent)));
      pending += smaller(V::kLanes, x1 - column);
      if (pending >= kPending) {
        const int full = pending / kGroup * kGroup;
        add_directions<V>(bins + 2, s, full);
        move_rest(s.dx, full);
        move_rest(s.dy, full);
        move_rest(s.exponent, full);
        pending -= full;
        any = true;
      }
    }
  }
  const int full = pending / kGroup * kGroup;
  add_directions<V>(bins + 2, s, full);
  add_last_directions(bins + 2, s, full, pending - full, !any && full == 0);
  return peaks_of(bins, angles);
}

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

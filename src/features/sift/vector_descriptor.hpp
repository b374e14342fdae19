// Descriptors in vectors. The patch's samples are computed row by row, shared out among the bins a
// vector at a time, and added to the bins one after the other, in cv::SIFT's order. For inclusion
// by one file per instruction set: everything has internal linkage. SPDX-License-Identifier:
// Apache-2.0
#pragma once

#include "kernels.hpp"
#include "scalar_keypoint.hpp"
#include "scalar_math.hpp"
#include "vector_samples.hpp"

#include <immintrin.h>

namespace bundle_match::features::sift {
namespace {

// Bins are laid out by row, direction, column, so that a sample's two columns are neighbours: they
// change together, in one addition of two lanes.
constexpr int kDirectionStride = 8;                   ///< 4 columns and one on either side
constexpr int kBinRowStride = 10 * kDirectionStride;  ///< 8 directions and the first one again
constexpr int kBinCount = 6 * kBinRowStride;          ///< 4 rows and one on either side

struct DescriptorSamples {
  alignas(64) float dx[kPending + 2 * kGroup];
  alignas(64) float dy[kPending + 2 * kGroup];
  alignas(64) float row[kPending + 2 * kGroup];
  alignas(64) float column[kPending + 2 * kGroup];
  alignas(64) float exponent[kPending + 2 * kGroup];
};

struct Span {
  int first, last;  ///< inclusive
};

/// Narrows the span to where -2.5 <= base + slope * j <= 2.5, give or take two pixels.
inline void narrow(Span& span, float base, float slope, float inverse) {
  if (magnitude(slope) < 1e-3F) {
    return;  // hardly any slope over a whole row: the exact test decides
  }
  const float a = (-2.5F - base) * inverse;
  const float b = (2.5F - base) * inverse;
  const float low = a < b ? a : b;
  const float high = a < b ? b : a;
  span.first = low > static_cast<float>(span.first) ? larger(static_cast<int>(low) - 1, span.first)
                                                    : span.first;
  span.last = high < static_cast<float>(span.last) ? smaller(static_cast<int>(high) + 1, span.last)
                                                   : span.last;
}

/// Which samples of a row of the patch may lie in the square of 5 x 5 cells.
inline Span span_of(const Sampling& s, int i, Span span) {
  const auto fi = static_cast<float>(i);
  narrow(span, fi * s.cosine, s.sine, s.inverse_sine);
  narrow(span, -fi * s.sine, s.cosine, s.inverse_cosine);
  return span;
}

BUNDLE_MATCH_INLINE void add_pair(float* bins, const float* shares) {
  // Two lanes of each, and no more: a wider load would have to wait for two stores.
  const __m128 sum =
      _mm_add_ps(_mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bins))),
                 _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(shares))));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(bins), _mm_castps_si128(sum));
}

/// Shares of a vector's samples: pairs of columns, for each row and direction.
template <typename V>
struct Shares {
  alignas(64) int bin[V::kLanes];
  alignas(64) float pairs[4][2 * V::kLanes + 4];

  void set(int which, typename V::Float first, typename V::Float second) {
    V::store(pairs[which], V::pairs_low(first, second));
    V::store(pairs[which] + V::kLanes, V::pairs_high(first, second));
  }
  /// Where `set` leaves the pair of a lane.
  static constexpr int place(int lane) {
    return ((lane & 2) != 0 ? V::kLanes : 0) + lane / 4 * 4 + (lane & 1) * 2;
  }
};

/// What a vector of samples adds to the four cells around each, its first bin, and how much of it
/// goes to the second of two directions.
template <typename V>
struct Weights {
  typename V::Float w00, w01, w10, w11, turn;
  typename V::Int bin;
};

template <typename V>
BUNDLE_MATCH_INLINE Weights<V> weights_of(const DescriptorSamples& s, int k, float angle) {
  const auto dx = V::load(s.dx + k);
  const auto dy = V::load(s.dy + k);
  const auto weighted = V::mul(length_vector<V>(dx, dy), exp_vector<V>(V::load(s.exponent + k)));
  auto row = V::load(s.row + k);
  auto column = V::load(s.column + k);
  auto turn = V::mul(V::sub(atan_vector<V>(dy, dx), V::all(angle)), V::all(8 / 360.0F));
  const auto whole_row = V::floor(row), whole_column = V::floor(column),
             whole_turn = V::floor(turn);
  row = V::sub(row, whole_row);
  column = V::sub(column, whole_column);
  turn = V::sub(turn, whole_turn);
  const auto o = V::subtract_from(V::add_if_negative(V::round(whole_turn), 8), 8, 8);
  const auto r = V::mul(V::round(whole_row), V::all(kBinRowStride));
  const auto c = V::add(V::round(whole_column), V::all(kBinRowStride + 1));
  const auto w1 = V::mul(weighted, row), w0 = V::sub(weighted, w1);
  const auto w11 = V::mul(w1, column), w10 = V::sub(w1, w11);
  const auto w01 = V::mul(w0, column), w00 = V::sub(w0, w01);
  return {w00, w01, w10, w11, turn, V::add(V::add(r, c), V::template shift_left<3>(o))};
}

template <typename V>
BUNDLE_MATCH_INLINE void share_out(const DescriptorSamples& s, int k, float angle,
                                   Shares<V>& shares) {
  const Weights<V> w = weights_of<V>(s, k, angle);
  V::store(shares.bin, w.bin);
  const auto w111 = V::mul(w.w11, w.turn), w101 = V::mul(w.w10, w.turn);
  const auto w011 = V::mul(w.w01, w.turn), w001 = V::mul(w.w00, w.turn);
  shares.set(0, V::sub(w.w00, w001), V::sub(w.w01, w011));
  shares.set(1, w001, w011);
  shares.set(2, V::sub(w.w10, w101), V::sub(w.w11, w111));
  shares.set(3, w101, w111);
}

/// Adds the first `count` samples, a multiple of 16.
template <typename V>
BUNDLE_MATCH_INLINE void add_samples(float* bins, const DescriptorSamples& s, int count,
                                     float angle) {
  Shares<V> shares;
  for (int k = 0; k < count; k += V::kLanes) {
    share_out<V>(s, k, angle, shares);
    // The compiler would take the lanes out of the vectors one by one, which is slower than by
    // memory.
    asm volatile("" : : "r"(&shares) : "memory");
#pragma GCC unroll 16
    for (int lane = 0; lane < V::kLanes; ++lane) {
      float* bin = bins + shares.bin[lane];
      constexpr auto place = &Shares<V>::place;
      add_pair(bin, shares.pairs[0] + place(lane));
      add_pair(bin + kDirectionStride, shares.pairs[1] + place(lane));
      add_pair(bin + kBinRowStride, shares.pairs[2] + place(lane));
      add_pair(bin + kBinRowStride + kDirectionStride, shares.pairs[3] + place(lane));
    }
  }
}

/// Adds the last samples, less than 16, with products and sums fused. `few`: there were no others.
template <typename V>
BUNDLE_MATCH_INLINE void add_last_samples(float* bins, const DescriptorSamples& s, int first,
                                          int count, float angle, bool few) {
  alignas(64) float weights[4][kGroup];
  alignas(64) float turns[kGroup];
  alignas(64) int places[kGroup];
  for (int k = 0; k < kGroup; k += V::kLanes) {
    const Weights<V> w = weights_of<V>(s, first + k, angle);
    V::store(weights[0] + k, w.w00);
    V::store(weights[1] + k, w.w01);
    V::store(weights[2] + k, w.w10);
    V::store(weights[3] + k, w.w11);
    V::store(turns + k, w.turn);
    V::store(places + k, w.bin);
  }
  for (int k = 0; k < count; ++k) {
    float o = turns[k];
    int place = places[k];
    if (few) {
      const float turn =
          (atan_as_opencv(s.dy[first + k], s.dx[first + k], true) - angle) * (8 / 360.0F);
      const int o0 = floor_to_int(turn);
      o = turn - static_cast<float>(o0);
      const int row = floor_to_int(s.row[first + k]), column = floor_to_int(s.column[first + k]);
      place = (row + 1) * kBinRowStride +
              (o0 < 0    ? o0 + 8
               : o0 >= 8 ? o0 - 8
                         : o0) *
                  kDirectionStride +
              column + 1;
    }
    for (int i = 0; i < 4; ++i) {
      float* bin = bins + place + (i / 2) * kBinRowStride + i % 2;
      bin[0] += fma32(-weights[i][k], o, weights[i][k]);
      bin[kDirectionStride] = fma32(weights[i][k], o, bin[kDirectionStride]);
    }
  }
}

/// Gathers the samples of one row of the patch behind the pending ones. Those in the square are
/// neighbours, as both its coordinates grow or fall steadily along a row. Takes at most about
/// `most` of them, and moves the span's start behind them.
template <typename V>
BUNDLE_MATCH_INLINE int gather_row(const Window& window, const Sampling& sampling, int i,
                                   Span& span, int most, DescriptorSamples& s, int pending) {
  const auto fi = static_cast<float>(i);
  const auto row_base = V::all(fi * sampling.cosine);
  const auto column_base = V::all(fi * sampling.sine);
  const float* const* rows = window.rows + (sampling.y + i - window.first_row);
  const int offset = sampling.x - window.first_column;
  while (span.first <= span.last && pending < most) {
    const int j = span.first;
    const auto fj = V::to_float(V::count_from(j));
    const auto across = V::fms(fj, V::all(sampling.cosine), column_base);
    const auto along = V::fma(V::all(sampling.sine), fj, row_base);
    const auto row = V::sub(V::add(along, V::all(2.0F)), V::all(0.5F));
    const auto column = V::sub(V::add(across, V::all(2.0F)), V::all(0.5F));
    const unsigned inside =
        V::above(V::min(row, column), V::all(-1.0F)) & V::above(V::all(4.0F), V::max(row, column));
    if ((inside & 1U) == 0) {
      span.first += inside == 0 ? V::kLanes : __builtin_ctz(inside);
      continue;
    }
    const int count = smaller(__builtin_ctz(~inside), span.last - j + 1);
    const int x = offset + j;
    V::store(s.row + pending, row);
    V::store(s.column + pending, column);
    V::store(s.exponent + pending,
             V::mul(V::fma(across, across, V::mul(along, along)), V::all(-1.0F / 8)));
    V::store(s.dx + pending, V::sub(V::load(rows[0] + x + 1), V::load(rows[0] + x - 1)));
    V::store(s.dy + pending, V::sub(V::load(rows[-1] + x), V::load(rows[1] + x)));
    pending += count;
    span.first = count < V::kLanes ? span.last + 1 : j + count;
  }
  return pending;
}

template <typename V>
void describe(const Window& window, const DescriptorSite& site, std::uint8_t* out) {
  const Sampling sampling = sampling_of(window, site);
  const Span row_span{larger(-sampling.radius, 1 - sampling.x),
                      smaller(sampling.radius, window.width - 2 - sampling.x)};
  const int first = larger(-sampling.radius, 1 - sampling.y);
  const int last = smaller(sampling.radius, window.height - 2 - sampling.y);
  DescriptorSamples s;
  alignas(64) float bins[kBinCount + kDirectionStride] = {};
  int pending = 0;
  bool any = false;
  for (int i = first; i <= last; ++i) {
    Span span = span_of(sampling, i, row_span);
    // Rows lie pages apart: nothing but this fetches them ahead.
    const float* ahead = window.rows[sampling.y + smaller(i + 4, last + 1) - window.first_row] +
                         sampling.x - window.first_column;
    for (int j = span.first; j <= span.last; j += 16) {
      __builtin_prefetch(ahead + j);
    }
    while (span.first <= span.last) {
      pending = gather_row<V>(window, sampling, i, span, kPending, s, pending);
      if (pending >= kPending) {
        const int full = pending / kGroup * kGroup;
        add_samples<V>(bins, s, full, site.angle);
        move_rest(s.dx, full);
        move_rest(s.dy, full);
        move_rest(s.row, full);
        move_rest(s.column, full);
        move_rest(s.exponent, full);
        pending -= full;
        any = true;
      }
    }
  }
  const int full = pending / kGroup * kGroup;
  add_samples<V>(bins, s, full, site.angle);
  add_last_samples<V>(bins, s, full, pending - full, site.angle, !any && full == 0);
  alignas(64) float descriptor[128];
  for (int cell = 0; cell < 16; ++cell) {
    float* sums = bins + (cell / 4 + 1) * kBinRowStride + cell % 4 + 1;
    sums[0] += sums[8 * kDirectionStride];
    for (int o = 0; o < 8; ++o) {
      descriptor[cell * 8 + o] = sums[o * kDirectionStride];
    }
  }
  finish_descriptor(descriptor, out);
}

}  // namespace
}  // namespace bundle_match::features::sift

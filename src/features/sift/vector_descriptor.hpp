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

struct Span {
  int first, last;  ///< inclusive
};

struct DescriptorSamples {
  alignas(64) float dx[kPending + 2 * kGroup];
  alignas(64) float dy[kPending + 2 * kGroup];
  alignas(64) float row[kPending + 2 * kGroup];
  alignas(64) float column[kPending + 2 * kGroup];
  alignas(64) float exponent[kPending + 2 * kGroup];
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

template <typename V>
BUNDLE_MATCH_INLINE void add_shares(float* bins, const Shares<V>& shares, int lane) {
  float* bin = bins + shares.bin[lane];
  const int place = Shares<V>::place(lane);
  add_pair(bin, shares.pairs[0] + place);
  add_pair(bin + kDirectionStride, shares.pairs[1] + place);
  add_pair(bin + kBinRowStride, shares.pairs[2] + place);
  add_pair(bin + kBinRowStride + kDirectionStride, shares.pairs[3] + place);
}

/// A patch on its way to its descriptor.
struct Patch {
  const Window* window;
  Sampling sampling;
  float angle;
  Span columns;  ///< of the patch that lie in the image
  int row, last_row;
  Span span;  ///< what is left of the row
  int pending;
  bool any;  ///< whether samples have been added
  DescriptorSamples samples;
  alignas(64) float bins[kBinCount + kDirectionStride];
};

/// Adds the first `count` pending samples, a multiple of 16, of one or two patches. Neighbouring
/// samples go to the same bins, so that each addition waits for the one before: two patches wait
/// side by side.
template <typename V, int Patches>
BUNDLE_MATCH_INLINE void add_samples(Patch* patches, int count) {
  Shares<V> shares[Patches];
  for (int k = 0; k < count; k += V::kLanes) {
    for (int p = 0; p < Patches; ++p) {
      share_out<V>(patches[p].samples, k, patches[p].angle, shares[p]);
    }
    // The compiler would take the lanes out of the vectors one by one, which is slower than by
    // memory.
    asm volatile("" : : "r"(&shares) : "memory");
#pragma GCC unroll 16
    for (int lane = 0; lane < V::kLanes; ++lane) {
      for (int p = 0; p < Patches; ++p) {
        add_shares(patches[p].bins, shares[p], lane);
      }
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

void start_patch(const Window& window, const DescriptorSite& site, Patch& patch) {
  const Sampling s = sampling_of(window, site);
  patch.window = &window;
  patch.sampling = s;
  patch.angle = site.angle;
  patch.columns = {larger(-s.radius, 1 - s.x), smaller(s.radius, window.width - 2 - s.x)};
  patch.row = larger(-s.radius, 1 - s.y) - 1;
  patch.last_row = smaller(s.radius, window.height - 2 - s.y);
  patch.span = {0, -1};
  patch.pending = 0;
  patch.any = false;
  __builtin_memset(patch.bins, 0, sizeof patch.bins);
}

/// Gathers samples until there are many, or no more.
template <typename V>
void fill_patch(Patch& patch) {
  while (patch.pending < kPending) {
    if (patch.span.first > patch.span.last) {
      if (++patch.row > patch.last_row) {
        --patch.row;
        return;
      }
      patch.span = span_of(patch.sampling, patch.row, patch.columns);
      // Rows lie pages apart: nothing but this fetches them ahead.
      const int row = patch.sampling.y + smaller(patch.row + 4, patch.last_row + 1);
      const float* ahead = patch.window->rows[row - patch.window->first_row] + patch.sampling.x -
                           patch.window->first_column;
      for (int j = patch.span.first; j <= patch.span.last; j += 16) {
        __builtin_prefetch(ahead + j);
      }
    }
    patch.pending = gather_row<V>(*patch.window, patch.sampling, patch.row, patch.span, kPending,
                                  patch.samples, patch.pending);
  }
}

/// Adds as many samples of each patch as both have; returns false if that is none.
template <typename V, int Patches>
bool add_common(Patch* patches) {
  int count = kPending;
  for (int p = 0; p < Patches; ++p) {
    fill_patch<V>(patches[p]);
    count = smaller(count, patches[p].pending / kGroup * kGroup);
  }
  if (count == 0) {
    return false;
  }
  add_samples<V, Patches>(patches, count);
  for (int p = 0; p < Patches; ++p) {
    DescriptorSamples& s = patches[p].samples;
    patches[p].pending -= count;
    patches[p].any = true;
    float* const arrays[] = {s.dx, s.dy, s.row, s.column, s.exponent};
    for (float* values : arrays) {
      __builtin_memmove(values, values + count,
                        static_cast<unsigned>(patches[p].pending) * sizeof(float));
    }
  }
  return true;
}

template <typename V>
void finish_patch(Patch& patch, std::uint8_t* out) {
  add_last_samples<V>(patch.bins, patch.samples, 0, patch.pending, patch.angle, !patch.any);
  alignas(64) float descriptor[128];
  for (int cell = 0; cell < 16; ++cell) {
    float* sums = patch.bins + (cell / 4 + 1) * kBinRowStride + cell % 4 + 1;
    sums[0] += sums[8 * kDirectionStride];
    for (int o = 0; o < 8; ++o) {
      descriptor[cell * 8 + o] = sums[o * kDirectionStride];
    }
  }
  finish_descriptor(descriptor, out);
}

template <typename V>
void describe(const Window* windows, const DescriptorSite* sites, std::uint8_t* const* out,
              int count) {
  Patch patches[kSites];
  for (int p = 0; p < count; ++p) {
    start_patch(windows[p], sites[p], patches[p]);
  }
  while (count == kSites && add_common<V, kSites>(patches)) {
  }
  for (int p = 0; p < count; ++p) {
    while (add_common<V, 1>(patches + p)) {
    }
    finish_patch<V>(patches[p], out[p]);
  }
}

}  // namespace
}  // namespace bundle_match::features::sift

// How a descriptor's samples are shared out among its bins and added to them, for vectors of
// samples. For inclusion by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scalar_math.hpp"
#include "vector_samples.hpp"

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
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

/// What a vector of samples adds to the four cells around each, where these are, and how much of it
/// goes to the second of two directions.
template <typename V>
struct Weights {
  typename V::Float w00, w01, w10, w11, turn;
  typename V::Int line;    ///< of the first row and direction, from the bins' start on
  typename V::Int column;  ///< in the line
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
  const auto c = V::add(V::round(whole_column), V::all(1));
  const auto w1 = V::mul(weighted, row), w0 = V::sub(weighted, w1);
  const auto w11 = V::mul(w1, column), w10 = V::sub(w1, w11);
  const auto w01 = V::mul(w0, column), w00 = V::sub(w0, w01);
  const auto line = V::add(V::add(r, V::all(kBinRowStride)), V::template shift_left<3>(o));
  return {w00, w01, w10, w11, turn, line, c};
}

/// Shares of a vector's samples that are added two columns at a time: for each of two rows, two
/// columns of one direction and of the next.
template <typename V>
class PairShares {
 public:
  BUNDLE_MATCH_INLINE void set(const Weights<V>& w) {
    V::store(bin_, V::add(w.line, w.column));
    const auto w111 = V::mul(w.w11, w.turn), w101 = V::mul(w.w10, w.turn);
    const auto w011 = V::mul(w.w01, w.turn), w001 = V::mul(w.w00, w.turn);
    set_row(fours_[0], V::sub(w.w00, w001), V::sub(w.w01, w011), w001, w011);
    set_row(fours_[1], V::sub(w.w10, w101), V::sub(w.w11, w111), w101, w111);
  }

  BUNDLE_MATCH_INLINE void add(float* bins, int lane) const {
    float* bin = bins + bin_[lane];
    const int place = lane % 4 * V::kLanes + lane / 4 * 4;
    V::add_pairs(bin, bin + kDirectionStride, fours_[0] + place);
    bin += kBinRowStride;
    V::add_pairs(bin, bin + kDirectionStride, fours_[1] + place);
  }

 private:
  /// `a` and `b` are the columns of the first direction, `c` and `d` those of the second.
  static void set_row(float* fours, typename V::Float a, typename V::Float b, typename V::Float c,
                      typename V::Float d) {
    const auto low = V::pairs_low(a, b), next_low = V::pairs_low(c, d);
    const auto high = V::pairs_high(a, b), next_high = V::pairs_high(c, d);
    V::store(fours, V::halves_low(low, next_low));
    V::store(fours + V::kLanes, V::halves_high(low, next_low));
    V::store(fours + 2 * V::kLanes, V::halves_low(high, next_high));
    V::store(fours + 3 * V::kLanes, V::halves_high(high, next_high));
  }

  alignas(64) int bin_[V::kLanes];
  alignas(64) float fours_[2][4 * V::kLanes];
};

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
    V::store(places + k, V::add(w.line, w.column));
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

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

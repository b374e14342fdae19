// Descriptors in vectors. The patch's samples are computed row by row, shared out among the bins a
// vector at a time, and added to the bins one after the other, in cv::SIFT's order. For inclusion
// by one file per instruction set: everything has internal linkage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "scalar_keypoint.hpp"
#include "scalar_math.hpp"
#include "vector_samples.hpp"
#include "vector_shares.hpp"

#include <cstdint>

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

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

/// A patch on its way to its descriptor.
struct Patch {
  DescriptorSamples samples;
  alignas(64) float bins[kBinCount + kDirectionStride];
  const Window* window;
  Sampling sampling;
  float angle;
  Span columns;  ///< of the patch that lie in the image
  int row, last_row;
  Span span;    ///< what is left of the row
  int first;    ///< sample that has not been added, a multiple of 16
  int pending;  ///< samples from it on
  bool any;     ///< whether samples have been added
};

/// Adds the next `count` samples, a multiple of 16, of each patch. Neighbouring samples go to the
/// same bins, so that each addition waits for the one before: the patches wait side by side.
template <typename V, typename Shares, int Patches>
void add_samples(Patch* const* patches, int count) {
  Shares shares[Patches];
  for (int k = 0; k < count; k += V::kLanes) {
    for (int p = 0; p < Patches; ++p) {
      const Patch& patch = *patches[p];
      shares[p].set(weights_of<V>(patch.samples, patch.first + k, patch.angle));
    }
    through_memory(shares);
#pragma GCC unroll 16
    for (int lane = 0; lane < V::kLanes; ++lane) {
      for (int p = 0; p < Patches; ++p) {
        shares[p].add(patches[p]->bins, lane);
      }
    }
  }
  for (int p = 0; p < Patches; ++p) {
    patches[p]->first += count;
    patches[p]->pending -= count;
    patches[p]->any = true;
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
  patch.first = patch.pending = 0;
  patch.any = false;
  __builtin_memset(patch.bins, 0, sizeof patch.bins);
}

/// Gathers samples until there are many, or no more.
template <typename V>
void fill_patch(Patch& patch) {
  if (patch.row >= patch.last_row && patch.span.first > patch.span.last) {
    return;
  }
  DescriptorSamples& s = patch.samples;
  for (float* values : {s.dx, s.dy, s.row, s.column, s.exponent}) {
    __builtin_memmove(values, values + patch.first,
                      static_cast<unsigned>(patch.pending) * sizeof(float));
  }
  patch.first = 0;
  while (patch.pending < kPending) {
    if (patch.span.first > patch.span.last) {
      if (patch.row >= patch.last_row) {
        return;
      }
      ++patch.row;
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

/// Adds all samples but the last, less than 16, of each patch.
template <typename V, typename Shares>
void add_patches(Patch* patches, int count) {
  Patch* left[kSites];
  for (int p = 0; p < count; ++p) {
    left[p] = patches + p;
  }
  while (count > 0) {
    int common = kPending;
    int others = 0;
    for (int p = 0; p < count; ++p) {
      fill_patch<V>(*left[p]);
      if (const int samples = left[p]->pending / kGroup * kGroup; samples > 0) {
        common = smaller(common, samples);
        left[others++] = left[p];
      }
    }
    count = others;
    static_assert(kSites == 4);
    switch (count) {
      case 4:
        add_samples<V, Shares, 4>(left, common);
        break;
      case 3:
        add_samples<V, Shares, 3>(left, common);
        break;
      case 2:
        add_samples<V, Shares, 2>(left, common);
        break;
      case 1:
        add_samples<V, Shares, 1>(left, common);
        break;
      default:
        break;
    }
  }
}

template <typename V>
void finish_patch(Patch& patch, std::uint8_t* out) {
  add_last_samples<V>(patch.bins, patch.samples, patch.first, patch.pending, patch.angle,
                      !patch.any);
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

template <typename V, typename Shares>
void describe(const Window* windows, const DescriptorSite* sites, std::uint8_t* const* out,
              int count) {
  Patch patches[kSites];
  for (int p = 0; p < count; ++p) {
    start_patch(windows[p], sites[p], patches[p]);
  }
  add_patches<V, Shares>(patches, count);
  for (int p = 0; p < count; ++p) {
    finish_patch<V>(patches[p], out[p]);
  }
}

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

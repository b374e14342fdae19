// The kernels in plain C++: portable, and the text to read before the vectorized ones.
// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"
#include "scalar_keypoint.hpp"
#include "scalar_math.hpp"
#include "variants.hpp"

#include <cstdint>

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

void double_row(const std::uint8_t* near, const std::uint8_t* far, int width, int x0, int x1,
                float* out) {
  // Every value is a multiple of 1/16 below 256: no rounding, whatever the order.
  const auto column = [&](int x) {
    const int i = x < 0 ? 0 : x < width ? x : width - 1;
    return 3 * near[i] + far[i];
  };
  for (int x = x0; x < x1; ++x) {
    const int nearer = x >> 1;
    const int farther = (x & 1) != 0 ? nearer + 1 : nearer - 1;
    out[x - x0] = static_cast<float>(3 * column(nearer) + column(farther)) * (1.0F / 16);
  }
}

void blur_row(const float* in, float* out, int width, Taps taps) {
  for (int x = 0; x < width; ++x) {
    float sum = in[x - taps.radius] * taps.half[taps.radius];
    for (int i = 1 - taps.radius; i <= taps.radius; ++i) {
      sum = fma32(in[x + i], taps.half[i < 0 ? -i : i], sum);
    }
    out[x] = sum;
  }
}

void blur_columns(const float* const* rows, float* const* out, int x0, int x1, Taps taps) {
  for (int j = 0; j < kBlockRows; ++j) {
    const float* const* centre = rows + j + taps.radius;
    for (int x = x0; x < x1; ++x) {
      float sum = centre[0][x] * taps.half[0];
      for (int i = 1; i <= taps.radius; ++i) {
        sum = fma32(centre[i][x] + centre[-i][x], taps.half[i], sum);
      }
      out[j][x] = sum;
    }
  }
}

void subtract_rows(const float* const* rows, float* const* out, int layers, int width,
                   float threshold, std::uint8_t* busy) {
  for (int x = 0; x < (width + kSearchBlock - 1) / kSearchBlock * kSearchBlock; ++x) {
    std::uint8_t& block = busy[x / kSearchBlock];
    block = x % kSearchBlock == 0 ? 0 : block;
    for (int layer = 0; layer < layers + 2; ++layer) {
      out[layer][x] = rows[layer + 1][x] - rows[layer][x];
      if (layer >= 1 && layer <= layers && magnitude(out[layer][x]) > threshold) {
        block = 1;
      }
    }
  }
}

/// Against all pixels of three rows of three layers.
bool is_extreme(const float* const* rows, int x, float value) {
  bool highest = true;
  bool lowest = true;
  for (int row = 0; row < 9; ++row) {
    for (int i = x - 1; i <= x + 1; ++i) {
      highest = highest && value >= rows[row][i];
      lowest = lowest && value <= rows[row][i];
    }
  }
  return value > 0 ? highest : lowest;
}

void find_extrema(const float* const* rows, const std::uint8_t* busy, int layers, int x0, int x1,
                  float threshold, int* columns, int* counts) {
  for (int layer = 0; layer < layers; ++layer) {
    counts[layer] = 0;
    for (int x = x0; x < x1; ++x) {
      const float value = rows[3 * layer + 4][x];
      if (busy[x / kSearchBlock] != 0 && magnitude(value) > threshold &&
          is_extreme(rows + 3 * layer, x, value)) {
        columns[layer * (x1 - x0) + counts[layer]++] = x;
      }
    }
  }
}

int orientations(const Window& window, int x, int y, float scale, float* angles) {
  const int radius = round_to_int(4.5F * scale);
  const float sigma = 1.5F * scale;
  const float exponent = -1.0F / (2.0F * sigma * sigma);
  const int x0 = larger(x - radius, 1), x1 = smaller(x + radius, window.width - 2);
  const int y0 = larger(y - radius, 1), y1 = smaller(y + radius, window.height - 2);
  const int samples = (x1 - x0 + 1) * (y1 - y0 + 1);
  float bins[kOrientationBins + 4] = {};
  int done = 0;
  for (int row = y0; row <= y1; ++row) {
    const float* const* rows = window.rows + (row - window.first_row);
    for (int column = x0; column <= x1; ++column) {
      const int i = column - window.first_column;
      const float dx = rows[0][i + 1] - rows[0][i - 1];
      const float dy = rows[-1][i] - rows[1][i];
      const int distance2 = (row - y) * (row - y) + (column - x) * (column - x);
      const float weight = exp_as_opencv(static_cast<float>(distance2) * exponent);
      int bin = round_to_int(kOrientationBins / 360.0F * atan_as_opencv(dy, dx, samples < 16));
      bin -= bin >= kOrientationBins ? kOrientationBins : 0;
      bin += bin < 0 ? kOrientationBins : 0;
      // What does not fill a vector of 16 is added with one rounding.
      const float length = length_as_opencv(dx, dy);
      float& sum = bins[2 + bin];
      sum = done < (samples & ~15) ? sum + weight * length : fma32(weight, length, sum);
      ++done;
    }
  }
  return peaks_of(bins, angles);
}

struct Sample {
  float dx, dy, row, column, exponent;
};

constexpr int kCellStride = 10;              ///< 8 directions and two that belong to the first ones
constexpr int kRowStride = 6 * kCellStride;  ///< 4 cells and one on either side

/// Shares a sample out among the 8 nearest bins.
void add_sample(float* sums, const Sample& sample, float angle, bool in_tail, bool few) {
  const float weighted = length_as_opencv(sample.dx, sample.dy) * exp_as_opencv(sample.exponent);
  const float turned = (atan_as_opencv(sample.dy, sample.dx, few) - angle) * (8 / 360.0F);
  const int r0 = floor_to_int(sample.row), c0 = floor_to_int(sample.column);
  int o0 = floor_to_int(turned);
  const float r = sample.row - static_cast<float>(r0);
  const float c = sample.column - static_cast<float>(c0);
  const float o = turned - static_cast<float>(o0);
  o0 += o0 < 0 ? 8 : 0;
  o0 -= o0 >= 8 ? 8 : 0;
  const float w1 = weighted * r, w0 = weighted - w1;
  const float w11 = w1 * c, w10 = w1 - w11;
  const float w01 = w0 * c, w00 = w0 - w01;
  float* cell = sums + (r0 + 1) * kRowStride + (c0 + 1) * kCellStride + o0;
  const float weights[4] = {w00, w01, w10, w11};
  float* const cells[4] = {cell, cell + kCellStride, cell + kRowStride,
                           cell + kRowStride + kCellStride};
  for (int i = 0; i < 4; ++i) {
    const float second = weights[i] * o;
    cells[i][0] += in_tail ? fma32(-weights[i], o, weights[i]) : weights[i] - second;
    cells[i][1] = in_tail ? fma32(weights[i], o, cells[i][1]) : cells[i][1] + second;
  }
}

/// Adds the samples of a vector of 16, or of the last one that isn't full.
void add_samples(float* sums, const Sample* samples, int count, float angle, bool few) {
  for (int i = 0; i < count; ++i) {
    add_sample(sums, samples[i], angle, count < 16, few);
  }
}

void describe_one(const Window& window, const DescriptorSite& site, std::uint8_t* out) {
  const Sampling s = sampling_of(window, site);
  float sums[6 * kRowStride] = {};
  Sample pending[16];
  int count = 0;
  bool any = false;
  for (int i = -s.radius; i <= s.radius; ++i) {
    for (int j = -s.radius; j <= s.radius; ++j) {
      const auto fi = static_cast<float>(i), fj = static_cast<float>(j);
      const float c_rot = fma32(fj, s.cosine, -(fi * s.sine));
      const float r_rot = fma32(s.sine, fj, fi * s.cosine);
      const float row = r_rot + 2 - 0.5F, column = c_rot + 2 - 0.5F;
      const int y = s.y + i, x = s.x + j;
      if (!(row > -1 && row < 4 && column > -1 && column < 4 && y > 0 && y < window.height - 1 &&
            x > 0 && x < window.width - 1)) {
        continue;
      }
      const float* const* rows = window.rows + (y - window.first_row);
      const int k = x - window.first_column;
      pending[count++] = {rows[0][k + 1] - rows[0][k - 1], rows[-1][k] - rows[1][k], row, column,
                          fma32(c_rot, c_rot, r_rot * r_rot) * (-1.0F / 8)};
      if (count == 16) {
        add_samples(sums, pending, count, site.angle, false);
        count = 0;
        any = true;
      }
    }
  }
  add_samples(sums, pending, count, site.angle, !any);
  float descriptor[128];
  for (int cell = 0; cell < 16; ++cell) {
    float* bins = sums + (cell / 4 + 1) * kRowStride + (cell % 4 + 1) * kCellStride;
    bins[0] += bins[8];
    bins[1] += bins[9];
    for (int o = 0; o < 8; ++o) {
      descriptor[cell * 8 + o] = bins[o];
    }
  }
  finish_descriptor(descriptor, out);
}

void describe(const Window* windows, const DescriptorSite* sites, std::uint8_t* const* out,
              int count) {
  for (int i = 0; i < count; ++i) {
    describe_one(windows[i], sites[i], out[i]);
  }
}

constexpr KernelTable kTable = {double_row,   blur_row,        blur_columns, subtract_rows,
                                find_extrema, refine_extremum, orientations, describe};

}  // namespace

const KernelTable& plain_kernels() { return kTable; }

}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

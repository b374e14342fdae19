// The steps of SIFT that are scalar in every variant: refinement, peaks of the directions, and the
// last touches of a descriptor. For inclusion by one file per instruction set: everything has
// internal linkage. The order of every operation, and which of them are fused, is that of
// cv::SIFT's AVX-512 code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "scalar_math.hpp"

#include <cstdint>

// Offsets within a row, a patch or its bins: an int holds their products.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result)
namespace bundle_match::features::sift {
namespace {

constexpr float kImageScale = 1.0F / 255;
constexpr int kMaxRefineSteps = 5;

/// Gradient and second derivatives of the difference layers at a pixel.
struct Derivatives {
  float value, dx, dy, ds, dxx, dyy, dss, dxy, dxs, dys;
};

inline Derivatives derivatives_at(const Stack& stack, const Extremum& at) {
  const auto blurred = [&](int layer, int dy, int dx) {
    return stack
        .rows[layer][at.row - stack.first_row + dy][at.column - stack.first_columns[layer] + dx];
  };
  const auto pixel = [&](int layer, int dy, int dx) {
    return blurred(at.layer + layer + 1, dy, dx) - blurred(at.layer + layer, dy, dx);
  };
  constexpr float kHalf = kImageScale * 0.5F;
  constexpr float kQuarter = kImageScale * 0.25F;
  Derivatives d;
  d.value = pixel(0, 0, 0);
  const float left = pixel(0, 0, -1), right = pixel(0, 0, 1), up = pixel(0, -1, 0),
              down = pixel(0, 1, 0);
  const float before = pixel(-1, 0, 0), after = pixel(1, 0, 0);
  d.dx = (right - left) * kHalf;
  d.dy = (down - up) * kHalf;
  d.ds = (after - before) * kHalf;
  const float twice = d.value * 2;
  d.dxx = (right + left - twice) * kImageScale;
  d.dyy = (down + up - twice) * kImageScale;
  d.dss = (after + before - twice) * kImageScale;
  d.dxy = (pixel(0, 1, 1) - pixel(0, 1, -1) - pixel(0, -1, 1) + pixel(0, -1, -1)) * kQuarter;
  d.dxs = (pixel(1, 0, 1) - pixel(1, 0, -1) - pixel(-1, 0, 1) + pixel(-1, 0, -1)) * kQuarter;
  d.dys = (pixel(1, 1, 0) - pixel(1, -1, 0) - pixel(-1, 1, 0) + pixel(-1, -1, 0)) * kQuarter;
  return d;
}

struct Offset {
  float x, y, s;
};

/// Minus the solution of the 3 x 3 system by Cramer's rule; zero where it is singular.
inline Offset solve(const Derivatives& d) {
  const float m0 = fma32(d.dyy, d.dss, -(d.dys * d.dys));
  const float m1 = fma32(d.dss, d.dxy, -(d.dxs * d.dys));
  const float m2 = fma32(d.dxy, d.dys, -(d.dyy * d.dxs));
  const float determinant = fma32(d.dxs, m2, fma32(d.dxx, m0, -(d.dxy * m1)));
  if (determinant == 0) {
    return {-0.0F, -0.0F, -0.0F};
  }
  const float inverse = 1.0F / determinant;
  const float p1 = fma32(d.dss, d.dy, -(d.ds * d.dys));
  const float p2 = fma32(d.dy, d.dys, -(d.ds * d.dyy));
  const float p3 = fma32(-d.dys, d.dy, d.ds * d.dyy);
  const float q = fma32(d.ds, d.dxy, -(d.dy * d.dxs));
  const float x = fma32(d.dxs, p2, fma32(m0, d.dx, -(d.dxy * p1)));
  const float y = fma32(d.dxs, q, fma32(p1, d.dxx, -(d.dx * m1)));
  const float s = fma32(m2, d.dx, fma32(p3, d.dxx, -(d.dxy * q)));
  return {-(inverse * x), -(inverse * y), -(inverse * s)};
}

inline bool within_half(float a) { return magnitude(a) < 0.5F; }

/// Whether an offset is small enough to be followed at all (and a number).
inline bool can_follow(float a) {
  return !(magnitude(a) > static_cast<float>(INT32_MAX / 3)) && a == a;
}

inline bool in_stack(const Stack& stack, const Extremum& at) {
  return at.row > stack.first_row && at.row + 1 < stack.first_row + stack.row_count &&
         at.column > stack.left && at.column + 1 < stack.right;
}

inline bool in_image(const Stack& stack, int layers, const Extremum& at) {
  return at.layer >= 1 && at.layer <= layers && at.column >= kImageBorder &&
         at.column < stack.width - kImageBorder && at.row >= kImageBorder &&
         at.row < stack.height - kImageBorder;
}

/// Contrast and edge tests, then the keypoint's numbers.
inline Refined accept(const RefineSettings& settings, const Extremum& at, const Derivatives& d,
                      const Offset& offset, RefinedPoint& point) {
  const float t = fma32(d.ds, offset.s, fma32(d.dy, offset.y, d.dx * offset.x));
  const float contrast = magnitude(fma32(d.value, kImageScale, t * 0.5F));
  const auto layers = static_cast<float>(settings.layers);
  if (contrast * layers < settings.contrast_threshold) {
    return Refined::kRejected;
  }
  const float trace = d.dxx + d.dyy;
  const float determinant = fma32(d.dxx, d.dyy, -(d.dxy * d.dxy));
  const float edge = settings.edge_threshold;
  if (determinant <= 0 || trace * trace * edge >= (edge + 1) * (edge + 1) * determinant) {
    return Refined::kRejected;
  }
  const auto scale = static_cast<float>(1 << settings.octave);
  point.x = (static_cast<float>(at.column) + offset.x) * scale;
  point.y = (static_cast<float>(at.row) + offset.y) * scale;
  point.octave = settings.octave + (at.layer << 8) +
                 (round_to_int((static_cast<double>(offset.s) + 0.5) * 255) << 16);
  point.size =
      power_of_two((static_cast<float>(at.layer) + offset.s) / layers) * settings.sigma * scale * 2;
  point.response = contrast;
  return Refined::kAccepted;
}

[[maybe_unused]] Refined refine_extremum(const Stack& stack, const RefineSettings& settings,
                                         Extremum& at, RefinedPoint& point) {
  while (at.steps < kMaxRefineSteps) {
    if (!in_stack(stack, at)) {
      return Refined::kLeftWindow;
    }
    const Derivatives d = derivatives_at(stack, at);
    const Offset offset = solve(d);
    if (within_half(offset.s) && within_half(offset.y) && within_half(offset.x)) {
      return accept(settings, at, d, offset, point);
    }
    if (!can_follow(offset.s) || !can_follow(offset.y) || !can_follow(offset.x)) {
      return Refined::kRejected;
    }
    at.column += round_to_int(offset.x);
    at.row += round_to_int(offset.y);
    at.layer += round_to_int(offset.s);
    ++at.steps;
    if (!in_image(stack, settings.layers, at)) {
      return Refined::kRejected;
    }
  }
  return Refined::kRejected;
}

/// Smooths the histogram of directions (bins[2] is direction 0, two spare bins on either side) and
/// gives the angles of its peaks; returns how many.
[[maybe_unused]] int peaks_of(float* bins, float* angles) {
  constexpr int n = kOrientationBins;
  float smooth[n];
  float* t = bins + 2;
  t[-1] = t[n - 1];
  t[-2] = t[n - 2];
  t[n] = t[0];
  t[n + 1] = t[1];
  // cv::SIFT adds the middle first for the bins it does in vectors, and last for the four left
  // over. Products with powers of two are exact.
  constexpr int in_vectors = n / 16 * 16;
  for (int i = 0; i < in_vectors; ++i) {
    const float far = (t[i - 2] + t[i + 2]) * (1.0F / 16);
    smooth[i] = far + fma32(t[i - 1] + t[i + 1], 4.0F / 16, t[i] * (6.0F / 16));
  }
  for (int i = in_vectors; i < n; ++i) {
    const float near = (t[i - 1] + t[i + 1]) * (4.0F / 16);
    const float far = (t[i - 2] + t[i + 2]) * (1.0F / 16);
    smooth[i] = fma32(t[i], 6.0F / 16, near + far);
  }
  // Four at a time, which the compiler may not do by itself.
  float tops[4] = {smooth[0], smooth[1], smooth[2], smooth[3]};
  for (int i = 4; i < n; i += 4) {
    for (int j = 0; j < 4; ++j) {
      tops[j] = tops[j] < smooth[i + j] ? smooth[i + j] : tops[j];
    }
  }
  float highest = tops[0];
  for (int j = 1; j < 4; ++j) {
    highest = highest < tops[j] ? tops[j] : highest;
  }
  const float least = highest * 0.8F;
  int count = 0;
  for (int i = 0; i < n; ++i) {
    if (smooth[i] < least) {
      continue;  // as nearly all are
    }
    const float left = smooth[i > 0 ? i - 1 : n - 1];
    const float right = smooth[i < n - 1 ? i + 1 : 0];
    if (smooth[i] > left && smooth[i] > right) {
      float bin = static_cast<float>(i) + 0.5F * (left - right) / (left - 2 * smooth[i] + right);
      bin = bin < 0                        ? static_cast<float>(n) + bin
            : bin >= static_cast<float>(n) ? bin - static_cast<float>(n)
                                           : bin;
      const float angle = fma32(-(360.0F / n), bin, 360.0F);
      angles[count++] = magnitude(angle - 360.0F) < 1.1920929e-07F ? 0.0F : angle;
    }
  }
  return count;
}

/// The sampling square of a descriptor: step along a row and a column of the patch in units of
/// cells.
struct Sampling {
  int x, y, radius;
  float cosine, sine;
  float inverse_cosine, inverse_sine;
};

[[maybe_unused]] Sampling sampling_of(const Window& window, const DescriptorSite& site) {
  Sampling s;
  s.x = round_to_int(site.x);
  s.y = round_to_int(site.y);
  const SineCosine direction =
      sine_cosine(site.angle * static_cast<float>(3.1415926535897932384626433832795 / 180));
  const float cell = 3.0F * site.scale;
  const int radius = round_to_int(cell * 1.4142135623730951F * 5 * 0.5F);
  const double width = window.width, height = window.height;
  s.radius = smaller(radius, static_cast<int>(__builtin_sqrt(width * width + height * height)));
  s.cosine = direction.cosine / cell;
  s.sine = direction.sine / cell;
  s.inverse_cosine = 1 / s.cosine;
  s.inverse_sine = 1 / s.sine;
  return s;
}

/// Normalizes the 128 sums, cuts the largest, and scales them to bytes.
[[maybe_unused]] void finish_descriptor(float* sums, std::uint8_t* out) {
  // The squares are summed in 16 lanes, which are then folded in halves.
  float lanes[16] = {};
  for (int i = 0; i < 128; i += 16) {
    for (int lane = 0; lane < 16; ++lane) {
      lanes[lane] = fma32(sums[i + lane], sums[i + lane], lanes[lane]);
    }
  }
  float quarters[4];
  for (int i = 0; i < 4; ++i) {
    quarters[i] = (lanes[i + 12] + lanes[i + 4]) + (lanes[i + 8] + lanes[i]);
  }
  const float all = (quarters[0] + quarters[1]) + (quarters[2] + quarters[3]);
  const float cut = square_root(all) * 0.2F;
  float norm = 0;
  for (int i = 0; i < 128; ++i) {
    sums[i] = sums[i] < cut ? sums[i] : cut;
    norm = fma32(sums[i], sums[i], norm);
  }
  const float root = square_root(norm);
  const float scale = 512.0F / (root < 1.1920929e-07F ? 1.1920929e-07F : root);
  for (int i = 0; i < 128; ++i) {
    const int value = round_to_int(sums[i] * scale);
    out[i] = static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

}  // namespace
}  // namespace bundle_match::features::sift
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

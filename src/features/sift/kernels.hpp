// The inner loops that each instruction set implements: the contract between them and the pipeline.
// Plain structs without inline functions: this header is compiled for several instruction sets, and
// the linker must have no function to mix up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bundle_match::features::sift {

/// Floats that a row may be read or written past its end; row buffers have that much room on both
/// sides.
inline constexpr int kRowSlack = 32;
/// Rows that blur_columns computes at a time.
inline constexpr int kBlockRows = 8;
inline constexpr int kOrientationBins = 36;
/// Descriptors that may be computed side by side.
inline constexpr int kSites = 4;
/// Keypoints are not looked for nearer to the image's border.
inline constexpr int kImageBorder = 5;
/// Columns that the search for extrema passes over together.
inline constexpr int kSearchBlock = 16;
/// Layers of an octave in which keypoints are looked for, at most.
inline constexpr int kMostLayers = 8;

/// A symmetric filter of 2 * radius + 1 taps; half[0] is the centre.
struct Taps {
  const float* half;
  int radius;
};

/// Some rows of one layer: pixel (x, y) is rows[y - first_row][x - first_column].
struct Window {
  const float* const* rows;
  int first_row;
  int first_column;
  int width;   ///< of the whole layer
  int height;  ///< of the whole layer
};

/// Some rows of all blurred layers of an octave; the difference layer l is blurred layer l + 1
/// minus l. Pixel (x, y) of layer l is rows[l][y - first_row][x - first_columns[l]].
struct Stack {
  const float* const* rows[kMostLayers + 3];
  int first_columns[kMostLayers + 3];
  int first_row;
  int row_count;
  int left, right;  ///< columns left <= x < right hold pixels
  int width;
  int height;
};

/// What refinement needs to know of the options.
struct RefineSettings {
  int octave;  ///< 0 is the first
  int layers;
  float contrast_threshold;
  float edge_threshold;
  float sigma;
};

/// An extremum on its way to a keypoint.
struct Extremum {
  int layer;
  int row;
  int column;
  int steps;  ///< taken so far
};

struct RefinedPoint {
  float x, y, size, response;
  int octave;
};

enum class Refined { kRejected, kAccepted, kLeftWindow };

/// Where a descriptor is sampled, in pixels of its layer.
struct DescriptorSite {
  float x, y;
  float angle;  ///< degrees, 360 minus the keypoint's
  float scale;
};

struct KernelTable {
  /// Row of the image doubled with bilinear weights: columns x0 <= x < x1 of it into out[x - x0].
  /// near counts three times, far once; both are rows of `width` grey pixels.
  void (*double_row)(const std::uint8_t* near, const std::uint8_t* far, int width, int x0, int x1,
                     float* out);
  /// out[x] = taps over in[x - radius .. x + radius], 0 <= x < width.
  void (*blur_row)(const float* in, float* out, int width, Taps taps);
  /// out[j][x] = taps over rows[j .. j + 2 * radius][x], 0 <= j < kBlockRows, x0 <= x < x1.
  void (*blur_columns)(const float* const* rows, float* const* out, int x0, int x1, Taps taps);
  /// A row of each difference of neighbouring layers: out[l][x] = rows[l + 1][x] - rows[l][x],
  /// 0 <= l < layers + 2, for blocks of kSearchBlock columns from 0 to width. busy[b] becomes
  /// whether block b has a pixel above `threshold` in magnitude in a difference other than the
  /// first and the last.
  void (*subtract_rows)(const float* const* rows, float* const* out, int layers, int width,
                        float threshold, std::uint8_t* busy);
  /// Finds where a pixel is above `threshold` in magnitude and extreme among its 26 neighbours.
  /// rows holds, for each of layers + 2 differences, the rows above, at and below; busy says which
  /// blocks of kSearchBlock columns need to be looked at, see subtract_rows. counts[i] becomes the
  /// number of columns x0 <= x < x1 of difference i + 1, which are written from
  /// columns[i * (x1 - x0)] on.
  void (*find_extrema)(const float* const* rows, const std::uint8_t* busy, int layers, int x0,
                       int x1, float threshold, int* columns, int* counts);
  /// Moves the extremum to where its parabola has its own. kLeftWindow: the stack does not hold the
  /// pixels around `at`; to be called again with one that does.
  Refined (*refine)(const Stack& stack, const RefineSettings& settings, Extremum& at,
                    RefinedPoint& point);
  /// Angles (degrees) of the peaks of the gradient's directions around (x, y); returns how many.
  int (*orientations)(const Window& window, int x, int y, float scale, float* angles);
  /// 128 bytes for each of 1 to kSites sites.
  void (*describe)(const Window* windows, const DescriptorSite* sites, std::uint8_t* const* out,
                   int count);
};

}  // namespace bundle_match::features::sift

// Pictures made by arithmetic, the same on every machine, for the tests of SIFT.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/features/sift.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace bundle_match::features {

struct Scene {
  std::string name;
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  [[nodiscard]] GreyView view() const { return {pixels.data(), width, height, width}; }
};

/// Soft blobs of many sizes over some noise: keypoints in every octave.
[[nodiscard]] Scene blobs(int width, int height, unsigned seed);
[[nodiscard]] Scene noise(int width, int height, unsigned seed);
[[nodiscard]] Scene constant(int width, int height, std::uint8_t value);
/// Squares: responses tie, refinement meets singular systems.
[[nodiscard]] Scene checkerboard(int width, int height, int square);
/// The high bytes of a 16-bit ramp with noise below one grey level: wide flat steps.
[[nodiscard]] Scene sixteen_bit_ramp(int width, int height, unsigned seed);
/// Discs of all sizes, of a contrast of 1 to 16, far apart on a ground with noise of 3 levels.
[[nodiscard]] Scene faint_discs(int width, int height, unsigned seed);

/// One or two of each, of common and of awkward sizes.
[[nodiscard]] std::vector<Scene> scenes();

[[nodiscard]] Features run_sift(const SiftOptions& options, const GreyView& image);

}  // namespace bundle_match::features

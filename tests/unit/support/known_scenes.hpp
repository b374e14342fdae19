// Pairs of points whose geometry is known, and their verification.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/geometry/verification.hpp"
#include "errors.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bundle_match::geometry::test {

inline constexpr Verification kBoth[] = {Verification::homography, Verification::fundamental};
inline constexpr Model kHomography{0.9, -0.2, 80, 0.15, 0.95, -20, 1e-4, 5e-5, 1};

/// Pairs of an image of 1000 x 700 pixels, and which of them are true.
struct Scene {
  std::vector<PointPair> pairs;
  std::vector<std::uint32_t> good;
};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  double uniform(double from, double to) {
    // Not std::uniform_real_distribution, whose numbers differ among standard libraries.
    return from + (to - from) * static_cast<double>(random_()) / 4294967296.0;
  }

  PointPair outlier() {
    return at(uniform(0, 1000), uniform(0, 700), uniform(0, 1000), uniform(0, 700));
  }

  PointPair on_plane(double noise) {
    const double x = uniform(0, 1000);
    const double y = uniform(0, 700);
    const double w = kHomography[6] * x + kHomography[7] * y + 1;
    return at(x, y,
              (kHomography[0] * x + kHomography[1] * y + kHomography[2]) / w + noise_of(noise),
              (kHomography[3] * x + kHomography[4] * y + kHomography[5]) / w + noise_of(noise));
  }

  // A camera with a focal length of 900 pixels that turns by 0.1 rad and moves, before a cloud.
  PointPair in_space(double noise) {
    const double x = uniform(100, 900);
    const double y = uniform(100, 600);
    const double depth = uniform(4, 12);
    const double space_x = (x - 500) / 900 * depth;
    const double space_y = (y - 350) / 900 * depth;
    const double turned_x = std::cos(0.1) * space_x + std::sin(0.1) * depth - 1;
    const double turned_depth = -std::sin(0.1) * space_x + std::cos(0.1) * depth + 0.2;
    return at(x, y, 900 * turned_x / turned_depth + 500 + noise_of(noise),
              900 * (space_y + 0.1) / turned_depth + 350 + noise_of(noise));
  }

 private:
  static PointPair at(double x, double y, double u, double v) {
    return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(u),
            static_cast<float>(v)};
  }

  double noise_of(double most) { return uniform(-most, most); }

  std::mt19937 random_;
};

// True pairs first come at random places among the others.
inline Scene make_scene(Verification kind, std::size_t good, std::size_t outliers, double noise,
                        std::uint32_t seed) {
  Generator generator(seed);
  Scene scene;
  while (good + outliers > 0) {
    const double chance = static_cast<double>(good) / static_cast<double>(good + outliers);
    if (generator.uniform(0, 1) < chance) {
      scene.good.push_back(static_cast<std::uint32_t>(scene.pairs.size()));
      scene.pairs.push_back(kind == Verification::homography ? generator.on_plane(noise)
                                                             : generator.in_space(noise));
      --good;
    } else {
      scene.pairs.push_back(generator.outlier());
      --outliers;
    }
  }
  return scene;
}

inline Verified run(Verification kind, const std::vector<PointPair>& pairs, std::uint64_t seed = 1,
                    double max_error_px = 4) {
  return verify(pairs, {kind, max_error_px, seed});
}

inline bool has_none(const Verified& verified) { return verified == Verified{}; }

// The inliers of a known model that are no true pairs: chance put them there.
inline std::vector<std::uint32_t> within(Verification kind, const Model& model,
                                         const std::vector<PointPair>& pairs, double max_error_px) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    if (squared_error(kind, model, pairs[i]) <= max_error_px * max_error_px) {
      found.push_back(i);
    }
  }
  return found;
}

}  // namespace bundle_match::geometry::test

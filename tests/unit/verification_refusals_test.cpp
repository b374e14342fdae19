// Verification where there is nothing to find: points of no geometry, too few, or none at all.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/geometry/verification.hpp"
#include "errors.hpp"
#include "support/known_scenes.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace bundle_match::geometry {
namespace {

using test::Generator;
using test::has_none;
using test::kBoth;
using test::make_scene;
using test::run;
using test::Scene;

TEST(Chance, IsNotTakenForAModel) {
  for (const Verification kind : kBoth) {
    for (const std::size_t count : {8U, 10U, 15U, 16U, 30U, 100U, 300U, 1000U}) {
      for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        const Scene scene = make_scene(kind, 0, count, 0, seed + 1000);
        EXPECT_LT(run(kind, scene.pairs, seed).inliers.size(), 15U)
            << to_string(kind) << " of " << count;
      }
    }
  }
}

TEST(Chance, IsMeasuredOnTwoLinesOfText) {
  // Half of the pairs agree with the F that takes one line to the other.
  Generator generator(31);
  std::vector<PointPair> pairs;
  for (int i = 0; i < 200; ++i) {
    PointPair pair = generator.outlier();
    pair.reference_y = (i % 2 == 0 ? 300.F : 320.F) + static_cast<float>(generator.uniform(-2, 2));
    pair.image_y = (i % 4 < 2 ? 300.F : 320.F) + static_cast<float>(generator.uniform(-2, 2));
    pairs.push_back(pair);
  }
  EXPECT_TRUE(has_none(run(Verification::fundamental, pairs)));
  EXPECT_TRUE(has_none(run(Verification::homography, pairs)));
}

TEST(Chance, IsMeasuredOnPointsInOnePlace) {
  // A homography that takes all to one place agrees with every pair.
  Generator generator(32);
  std::vector<PointPair> pairs;
  for (int i = 0; i < 100; ++i) {
    PointPair pair = generator.outlier();
    pair.image_x = static_cast<float>(400 + generator.uniform(-2, 2));
    pair.image_y = static_cast<float>(300 + generator.uniform(-2, 2));
    pairs.push_back(pair);
  }
  for (const Verification kind : kBoth) {
    EXPECT_TRUE(has_none(run(kind, pairs))) << to_string(kind);
  }
}

TEST(Verify, GivesNothingForTooFew) {
  for (const Verification kind : kBoth) {
    const std::size_t least = kind == Verification::homography ? 5 : 8;
    for (std::size_t count = 0; count <= least; ++count) {
      EXPECT_TRUE(has_none(run(kind, make_scene(kind, count, 0, 0, 40).pairs)))
          << to_string(kind) << " of " << count;
    }
    // The same few, many times over.
    std::vector<PointPair> pairs = make_scene(kind, least - 1, 0, 0, 41).pairs;
    while (pairs.size() < 200) {
      pairs.push_back(pairs[pairs.size() % (least - 1)]);
    }
    EXPECT_TRUE(has_none(run(kind, pairs))) << to_string(kind);
  }
}

TEST(Verify, GivesNothingForPointsOnALine) {
  for (const Verification kind : kBoth) {
    for (const bool in_both : {true, false}) {
      std::vector<PointPair> pairs = make_scene(kind, 100, 0, 0, 50).pairs;
      for (PointPair& pair : pairs) {
        pair.reference_y = 2 * pair.reference_x + 1;
        if (in_both) {
          pair.image_x = pair.reference_x + 10;
          pair.image_y = pair.reference_y - 5;
        }
      }
      EXPECT_TRUE(has_none(run(kind, pairs))) << to_string(kind) << in_both;
    }
    EXPECT_TRUE(has_none(run(kind, std::vector<PointPair>(50, {1, 2, 3, 4}))));
    EXPECT_TRUE(has_none(run(kind, std::vector<PointPair>(50))));
  }
}

TEST(Verify, GivesNothingForAMirror) {
  std::vector<PointPair> pairs = make_scene(Verification::homography, 100, 0, 0, 60).pairs;
  for (PointPair& pair : pairs) {
    pair.image_x = 1000 - pair.image_x;
  }
  EXPECT_TRUE(has_none(run(Verification::homography, pairs)));
}

TEST(HomographyError, IsInfiniteWhereTheModelMirrors) {
  const PointPair still{10, 20, 10, 20};
  EXPECT_EQ(homography_error({1, 0, 0, 0, 1, 0, 0, 0, 1}, still), 0);
  EXPECT_EQ(homography_error({-1, 0, 20, 0, 1, 0, 0, 0, 1}, still),
            std::numeric_limits<double>::infinity());
  // Beyond the line that it takes to infinity, x = 5.
  EXPECT_EQ(homography_error({1, 0, 0, 0, 1, 0, -0.2, 0, 1}, {10, 20, -10, -20}),
            std::numeric_limits<double>::infinity());
}

TEST(Verify, GivesNothingForNumbersThatAreNoPositions) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const Verification kind : kBoth) {
    const Scene scene = make_scene(kind, 100, 0, 0, 70);
    for (const float odd : {kNan, kInf, -kInf, 1e30F, std::numeric_limits<float>::max(), -2e7F}) {
      for (float PointPair::*member : {&PointPair::reference_x, &PointPair::reference_y,
                                       &PointPair::image_x, &PointPair::image_y}) {
        std::vector<PointPair> pairs = scene.pairs;
        pairs[57].*member = odd;
        EXPECT_TRUE(has_none(run(kind, pairs))) << to_string(kind) << odd;
      }
    }
    // Far away, but positions: anything but an exception.
    std::vector<PointPair> pairs = scene.pairs;
    pairs[3].image_x = 1.6e7F;
    pairs[4] = {1.6e7F, -1.6e7F, -1.6e7F, 1.6e7F};
    EXPECT_GE(run(kind, pairs).inliers.size(), 90U) << to_string(kind);
    for (PointPair& pair : pairs) {
      pair.reference_x *= 1e-38F;
      pair.image_y *= 1e-42F;
    }
    EXPECT_NO_THROW((void)run(kind, pairs));
  }
}

TEST(Verify, GivesNothingForOptionsThatAskForNothing) {
  const Scene scene = make_scene(Verification::homography, 100, 0, 0, 80);
  EXPECT_TRUE(has_none(run(Verification::none, scene.pairs)));
  for (const double error : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
    EXPECT_TRUE(has_none(run(Verification::homography, scene.pairs, 1, error))) << error;
  }
}

}  // namespace
}  // namespace bundle_match::geometry

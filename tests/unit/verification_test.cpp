// Verification on planes and scenes whose geometry is known, and on points of no geometry at all.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/geometry/verification.hpp"

#include "errors.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace bundle_match::geometry {
namespace {

constexpr Verification kBoth[] = {Verification::homography, Verification::fundamental};
constexpr Model kHomography{0.9, -0.2, 80, 0.15, 0.95, -20, 1e-4, 5e-5, 1};

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
Scene make_scene(Verification kind, std::size_t good, std::size_t outliers, double noise,
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

Verified run(Verification kind, const std::vector<PointPair>& pairs, std::uint64_t seed = 1,
             double max_error_px = 4) {
  return verify(pairs, {kind, max_error_px, seed});
}

bool has_none(const Verified& verified) { return verified == Verified{}; }

// The inliers of a known model that are no true pairs: chance put them there.
std::vector<std::uint32_t> within(Verification kind, const Model& model,
                                  const std::vector<PointPair>& pairs, double max_error_px) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    if (squared_error(kind, model, pairs[i]) <= max_error_px * max_error_px) {
      found.push_back(i);
    }
  }
  return found;
}

TEST(Homography, IsRecoveredAmongOutliers) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const Scene scene = make_scene(Verification::homography, 300, 300, 0.5, seed);
    const Verified verified = run(Verification::homography, scene.pairs, seed);
    ASSERT_FALSE(has_none(verified));
    EXPECT_EQ(verified.model[8], 1);
    // Where it takes the corners.
    for (const auto& [x, y] : {std::pair(0.F, 0.F), {1000.F, 0.F}, {0.F, 700.F}, {1000.F, 700.F}}) {
      const double w = kHomography[6] * x + kHomography[7] * y + 1;
      const PointPair corner{x, y, static_cast<float>((0.9 * x - 0.2 * y + 80) / w),
                             static_cast<float>((0.15 * x + 0.95 * y - 20) / w)};
      EXPECT_LT(homography_error(verified.model, corner), 1) << "squared";
    }
    EXPECT_TRUE(std::includes(verified.inliers.begin(), verified.inliers.end(), scene.good.begin(),
                              scene.good.end()));
  }
}

TEST(Homography, HasExactlyTheTruePairsWithoutNoise) {
  const Scene scene = make_scene(Verification::homography, 200, 200, 0, 11);
  const Verified verified = run(Verification::homography, scene.pairs, 1, 1);
  EXPECT_EQ(verified.inliers, within(Verification::homography, kHomography, scene.pairs, 1));
  EXPECT_EQ(verified.inliers, scene.good);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(verified.model[i], kHomography[i], 1e-3 * std::max(1.0, std::abs(kHomography[i])));
  }
}

TEST(Fundamental, IsRecoveredAmongOutliers) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const Scene scene = make_scene(Verification::fundamental, 300, 300, 0.5, seed);
    const Verified verified = run(Verification::fundamental, scene.pairs, seed);
    ASSERT_FALSE(has_none(verified));
    // Points of the same scene that were not seen are on its epipolar lines, too.
    const Scene unseen = make_scene(Verification::fundamental, 200, 0, 0, seed + 100);
    EXPECT_GE(within(Verification::fundamental, verified.model, unseen.pairs, 1.5).size(), 195U);
    EXPECT_GE(std::count_if(scene.good.begin(), scene.good.end(),
                            [&](std::uint32_t i) {
                              return std::binary_search(verified.inliers.begin(),
                                                        verified.inliers.end(), i);
                            }),
              297);
    EXPECT_LT(verified.inliers.size(), 300U + 25U);
  }
}

TEST(Fundamental, HasOneScaleAndSign) {
  const Scene scene = make_scene(Verification::fundamental, 200, 100, 0, 3);
  const Verified verified = run(Verification::fundamental, scene.pairs);
  ASSERT_FALSE(has_none(verified));
  const Model& f = verified.model;
  EXPECT_NEAR(std::inner_product(f.begin(), f.end(), f.begin(), 0.0), 1, 1e-12);
  EXPECT_EQ(*std::max_element(f.begin(), f.end()),
            std::abs(*std::max_element(
                f.begin(), f.end(), [](double a, double b) { return std::abs(a) < std::abs(b); })));
  EXPECT_NEAR(determinant(f), 0, 1e-9);
  // From the reference to the image: x_image^T F x_reference = 0.
  for (const std::uint32_t i : scene.good) {
    EXPECT_LT(fundamental_error(f, scene.pairs[i]), 1) << "squared";
  }
}

TEST(Inliers, AreAFunctionOfTheModel) {
  for (const Verification kind : kBoth) {
    const Scene scene = make_scene(kind, 150, 150, 2, 5);
    for (const double max_error_px : {2.0, 4.0, 8.0}) {
      const Verified verified = run(kind, scene.pairs, 1, max_error_px);
      ASSERT_FALSE(has_none(verified)) << to_string(kind) << max_error_px;
      EXPECT_EQ(verified.inliers, within(kind, verified.model, scene.pairs, max_error_px));
    }
  }
}

TEST(Inliers, CountAPairTwiceThatIsThereTwice) {
  for (const Verification kind : kBoth) {
    const Scene scene = make_scene(kind, 100, 50, 0.5, 8);
    std::vector<PointPair> twice = scene.pairs;
    twice.insert(twice.end(), scene.pairs.begin(), scene.pairs.end());
    const Verified once = run(kind, scene.pairs);
    const Verified doubled = run(kind, twice);
    EXPECT_EQ(doubled.model, once.model);
    EXPECT_EQ(doubled.inliers.size(), 2 * once.inliers.size());
  }
}

// All bytes of a result.
std::string bytes_of(const Verified& verified) {
  std::string bytes(reinterpret_cast<const char*>(verified.model.data()), sizeof verified.model);
  bytes.append(reinterpret_cast<const char*>(verified.inliers.data()),
               verified.inliers.size() * sizeof(std::uint32_t));
  return bytes;
}

std::string bytes_from_child(Verification kind, const std::vector<PointPair>& pairs) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string bytes = bytes_of(run(kind, pairs));
    const bool written = ::write(ends[1], bytes.data(), bytes.size()) == ssize_t(bytes.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string bytes;
  std::array<char, 4096> chunk;
  for (ssize_t got = 0; (got = ::read(ends[0], chunk.data(), chunk.size())) > 0;) {
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return bytes;
}

TEST(Result, IsAFunctionOfPointsOptionsAndSeed) {
  for (const Verification kind : kBoth) {
    // Few inliers: the search goes on long, and its end depends on chance.
    const Scene scene = make_scene(kind, 120, 280, 1.5, 21);
    const Scene other = make_scene(kind, 60, 60, 1.5, 22);
    const std::string expected = bytes_of(run(kind, scene.pairs));
    EXPECT_NE(expected, bytes_of(Verified{}));
    for (int i = 0; i < 20; ++i) {
      cv::theRNG().state = static_cast<std::uint64_t>(i) + 7;
      ASSERT_EQ(bytes_of(run(kind, scene.pairs)), expected) << to_string(kind) << " " << i;
      ASSERT_FALSE(has_none(run(kind, other.pairs)));
    }
    const int threads = cv::getNumThreads();
    cv::setNumThreads(1);
    EXPECT_EQ(bytes_of(run(kind, scene.pairs)), expected) << "on one thread";
    EXPECT_EQ(bytes_from_child(kind, scene.pairs), expected);
    EXPECT_EQ(bytes_from_child(kind, scene.pairs), expected);
    cv::setNumThreads(threads);
  }
}

TEST(Result, DependsOnAllOfTheSeed) {
  const Scene scene = make_scene(Verification::fundamental, 120, 280, 1.5, 21);
  const Verified first = run(Verification::fundamental, scene.pairs, 0);
  for (const int bit : {0, 29, 30, 59, 60, 63}) {
    EXPECT_NE(run(Verification::fundamental, scene.pairs, std::uint64_t{1} << bit), first) << bit;
  }
}

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

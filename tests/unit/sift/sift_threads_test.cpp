// However many threads share an image, and whenever they come and go, the result is the same.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift.hpp"
#include "scenes.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <stop_token>
#include <thread>

namespace bundle_match::features {
namespace {

TEST(SiftThreads, DoNotChangeTheResult) {
  for (const Scene& scene : {blobs(700, 600, 12), blobs(1200, 31, 13)}) {
    for (const std::size_t kept : {std::size_t{0}, std::size_t{1} << 30}) {
      SiftOptions options;
      options.kept_octave_bytes = kept;
      const Features expected = run_sift(options, scene.view());
      EXPECT_FALSE(expected.keypoints.empty());
      for (const int threads : {2, 3, 8}) {
        options.threads = threads;
        EXPECT_TRUE(run_sift(options, scene.view()) == expected)
            << threads << " threads on " << scene.name;
      }
    }
  }
}

// They come and go while images are computed.
TEST(SiftThreads, OfHelpersDoNotChangeTheResult) {
  const Scene scene = blobs(1700, 600, 12);
  for (const std::size_t kept : {std::size_t{0}, std::size_t{1} << 30}) {
    SiftOptions options;
    options.kept_octave_bytes = kept;
    const Features expected = run_sift(options, scene.view());
    EXPECT_FALSE(expected.keypoints.empty());
    Sift sift(options);
    std::jthread changing([&sift](const std::stop_token& stop) {
      for (int i = 0; !stop.stop_requested(); ++i) {
        sift.set_helpers({i % 4, [i] { return i % 3 != 0; }});
        std::this_thread::yield();
      }
    });
    for (int round = 0; round < 4; ++round) {
      Features actual;
      sift.detect_and_compute(scene.view(), actual);
      EXPECT_TRUE(actual == expected);
    }
  }
}

}  // namespace
}  // namespace bundle_match::features

// The back-off: short at first, twice as long each time, up to a limit.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/backoff.hpp"

#include <gtest/gtest.h>

namespace bundle_match {
namespace {

using std::chrono::microseconds;

TEST(Backoff, DoublesUpToItsLimit) {
  Backoff backoff;
  for (const int expected_us : {50, 100, 200, 400, 800, 1600, 3200, 4000, 4000}) {
    EXPECT_EQ(backoff.next(), microseconds(expected_us));
  }
}

TEST(Backoff, BeginsAgainAfterReset) {
  Backoff backoff;
  for (int i = 0; i < 10; ++i) {
    (void)backoff.next();
  }
  backoff.reset();
  EXPECT_EQ(backoff.next(), microseconds(50));
  EXPECT_EQ(backoff.next(), microseconds(100));
}

}  // namespace
}  // namespace bundle_match

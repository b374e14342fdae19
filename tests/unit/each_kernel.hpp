// Tests that run with every kernel of this build; those that this CPU lacks are reported as
// skipped.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/kernel.hpp"

#include <gtest/gtest.h>

namespace bundle_match::matching::test {

class WithEachKernel : public testing::TestWithParam<Kernel> {
 protected:
  void SetUp() override {
    if (!GetParam().supported()) {
      GTEST_SKIP() << "this CPU lacks " << GetParam().name;
    }
  }
};

}  // namespace bundle_match::matching::test

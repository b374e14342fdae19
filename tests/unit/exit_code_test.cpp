// Which exit code each outcome becomes.
// SPDX-License-Identifier: Apache-2.0
#include "process/exit_code.hpp"

#include <gtest/gtest.h>

namespace bundle_match::app {
namespace {

TEST(ExitCodeOf, EveryOutcome) {
  EXPECT_EQ(to_int(exit_code_of(Finished{false})), 0);
  EXPECT_EQ(to_int(exit_code_of(Finished{true})), 1);
  EXPECT_EQ(to_int(exit_code_of(Refused{})), 2);
  EXPECT_EQ(to_int(exit_code_of(OutputLost{"no space"})), 2);
  EXPECT_EQ(to_int(exit_code_of(ReferenceUnusable{})), 3);
  EXPECT_EQ(to_int(exit_code_of(Defect{"no memory"})), 70);
  EXPECT_EQ(to_int(exit_code_of(Interrupted{})), 75);
}

}  // namespace
}  // namespace bundle_match::app

// The words for statuses, which stand in users' files, and their numbers, which travel.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/image_status.hpp"

#include <gtest/gtest.h>

namespace bundle_match {
namespace {

struct Known {
  ImageStatus status;
  int number;
  std::string_view word;
};

constexpr Known kKnown[] = {
    {ImageStatus::ok, 0, "ok"},
    {ImageStatus::unreadable, 1, "unreadable"},
    {ImageStatus::too_large, 2, "too-large"},
    {ImageStatus::timed_out, 3, "timed-out"},
    {ImageStatus::crashed, 4, "crashed"},
    {ImageStatus::failed, 5, "failed"},
};

TEST(ImageStatus, KeepsItsWordsAndNumbers) {
  for (const Known& known : kKnown) {
    EXPECT_EQ(static_cast<int>(known.status), known.number) << known.word;
    EXPECT_EQ(to_string(known.status), known.word);
    EXPECT_EQ(image_status_from(known.word), known.status) << known.word;
  }
}

TEST(ImageStatus, IsNothingForOtherWords) {
  for (const std::string_view word : {"", "OK", "ok ", "o", "too_large", "timed"}) {
    EXPECT_EQ(image_status_from(word), std::nullopt) << word;
  }
}

}  // namespace
}  // namespace bundle_match

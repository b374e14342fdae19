// A path that stays with its file.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/pinned_file.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <sys/stat.h>

namespace bundle_match {
namespace {

using test::read_file;
using test::TempDir;
using test::write_file;

TEST(PinnedFile, StaysTheSameWhenAnotherTakesItsPlace) {
  const TempDir dir;
  write_file(dir / "a", "old");
  write_file(dir / "b", "new");
  const PinnedFile file(dir / "a");
  std::filesystem::rename(dir / "b", dir / "a");
  EXPECT_EQ(read_file(dir / "a"), "new");
  EXPECT_EQ(read_file(file.path()), "old");
  EXPECT_EQ(read_file(file.path()), "old") << "not from its beginning";
}

TEST(PinnedFile, ThatCannotBeOpenedHasThePathThatWasGiven) {
  const TempDir dir;
  EXPECT_EQ(PinnedFile(dir / "missing").path(), dir / "missing");
  EXPECT_EQ(PinnedFile("").path(), "");
}

TEST(PinnedFile, DoesNotWaitForTheWriterOfAFifo) {
  const TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  const PinnedFile file(dir / "fifo");
}

}  // namespace
}  // namespace bundle_match

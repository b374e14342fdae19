// Reading at a position, and opening once more what is open.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/file_descriptor.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string>

namespace bundle_match {
namespace {

using test::TempDir;
using test::write_file;

UniqueFd open_for_reading(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

TEST(ReadAt, FillsWhatIsAskedFor) {
  const TempDir dir;
  write_file(dir / "file", "0123456789");
  std::string bytes(4, '\0');
  EXPECT_EQ(read_at(open_for_reading(dir / "file").get(), bytes, 3), 4);
  EXPECT_EQ(bytes, "3456");
}

TEST(ReadAt, EndsWithTheFile) {
  const TempDir dir;
  write_file(dir / "file", "0123456789");
  std::string bytes(4, '-');
  EXPECT_EQ(read_at(open_for_reading(dir / "file").get(), bytes, 8), 2);
  EXPECT_EQ(bytes, "89--");
  EXPECT_EQ(read_at(open_for_reading(dir / "file").get(), bytes, 10), 0);
  EXPECT_EQ(read_at(open_for_reading(dir / "file").get(), bytes, 1000), 0);
}

TEST(ReadAt, LeavesTheErrorOfWhatCannotBeRead) {
  const TempDir dir;
  std::string bytes(4, '\0');
  EXPECT_EQ(read_at(open_for_reading(dir / "").get(), bytes, 0), -1);
  EXPECT_EQ(errno, EISDIR);
}

TEST(ReopenForReading, OpensTheFileThatHasLostItsName) {
  const TempDir dir;
  write_file(dir / "file", "0123456789");
  const UniqueFd writable(::open((dir / "file").c_str(), O_RDWR | O_CLOEXEC));
  std::filesystem::remove(dir / "file");
  const UniqueFd readable = reopen_for_reading(writable.get());
  ASSERT_TRUE(readable.valid());
  std::string bytes(10, '\0');
  EXPECT_EQ(read_at(readable.get(), bytes, 0), 10);
  EXPECT_EQ(bytes, "0123456789");
  EXPECT_EQ(write_all(readable.get(), "x"), EBADF);
}

TEST(ReopenForReading, TellsWhatIsNotOpen) { EXPECT_FALSE(reopen_for_reading(-1).valid()); }

}  // namespace
}  // namespace bundle_match

// A rank's file of references: from pieces, and from another process's file.
// SPDX-License-Identifier: Apache-2.0
#include "worker/reference_file.hpp"

#include "bundle_match/posix/memory_file.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace bundle_match::app {
namespace {

std::string content_of(int file) {
  std::string bytes(100, '\0');
  const ssize_t size = ::pread(file, bytes.data(), bytes.size(), 0);
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return bytes;
}

TEST(ReferenceFileTest, IsMadeOfPieces) {
  ReferenceFile file;
  machine::ReferencesTaken taken = file.append({0, "some ", 10});
  EXPECT_EQ(taken.received_bytes, 5U);
  EXPECT_FALSE(taken.complete);
  taken = file.append({5, "bytes", 10});
  EXPECT_EQ(taken.received_bytes, 10U);
  ASSERT_TRUE(taken.complete);
  EXPECT_EQ(taken.complete->size_bytes, 10U);
  EXPECT_EQ(content_of(file.descriptor()), "some bytes");
}

TEST(ReferenceFileTest, LeavesOutAPieceThatDoesNotFollow) {
  ReferenceFile file;
  (void)file.append({0, "some ", 10});
  EXPECT_EQ(file.append({0, "some ", 10}).received_bytes, 5U) << "a second time";
  EXPECT_EQ(file.append({7, "tes", 10}).received_bytes, 5U) << "too early";
  (void)file.append({5, "bytes", 10});
  EXPECT_EQ(content_of(file.descriptor()), "some bytes");
}

TEST(ReferenceFileTest, CannotBeChangedOnceItIsComplete) {
  ReferenceFile file;
  (void)file.append({0, "bytes", 5});
  EXPECT_EQ(::pwrite(file.descriptor(), "x", 1, 0), -1);
  EXPECT_NE(::ftruncate(file.descriptor(), 0), 0);
  EXPECT_EQ(content_of(file.descriptor()), "bytes");
}

TEST(ReferenceFileTest, IsOnDiskIfItIsLarge) {
  const test::TempDir folder;
  ReferenceFile file({9, folder.path()});
  (void)file.append({0, "some ", 10});
  const auto complete = file.append({5, "bytes", 10}).complete;
  ASSERT_TRUE(complete);
  EXPECT_FALSE(is_memory_file(file.descriptor()));
  EXPECT_EQ(content_of(file.descriptor()), "some bytes");
  ReferenceFile other;
  EXPECT_TRUE(other.open(*complete).complete) << "without a name, but open";
  EXPECT_EQ(content_of(other.descriptor()), "some bytes");
  EXPECT_EQ(::pwrite(file.descriptor(), "x", 1, 0), -1) << "it is open for reading";
}

TEST(ReferenceFileTest, MayBeThatOfAnotherProcess) {
  ReferenceFile theirs;
  const auto complete = theirs.append({0, "bytes", 5}).complete;
  ASSERT_TRUE(complete);
  ReferenceFile ours;
  EXPECT_TRUE(ours.open(*complete).complete);
  EXPECT_EQ(content_of(ours.descriptor()), "bytes");
}

// In another container, the same path may be another file, or none.
TEST(ReferenceFileTest, AsksForPiecesIfTheFileIsNotTheOneThatIsMeant) {
  ReferenceFile theirs;
  SharedFile shared = theirs.append({0, "bytes", 5}).complete.value();
  for (const SharedFile& other : {SharedFile{"/proc/self/fd/1000", shared.inode, shared.size_bytes},
                                  SharedFile{shared.path, shared.inode + 1, shared.size_bytes},
                                  SharedFile{shared.path, shared.inode, shared.size_bytes + 1},
                                  SharedFile{"/dev/null", shared.inode, shared.size_bytes}}) {
    ReferenceFile ours;
    const machine::ReferencesTaken taken = ours.open(other);
    EXPECT_FALSE(taken.complete) << other.path;
    EXPECT_EQ(taken.received_bytes, 0U);
    EXPECT_TRUE(ours.append({0, "bytes", 5}).complete);
  }
}

}  // namespace
}  // namespace bundle_match::app

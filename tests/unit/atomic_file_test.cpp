// Files that appear whole: what is there before, after, and instead.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/atomic_file.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TempDir;
using test::write_file;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

class AtomicFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  TempDir dir_;
  const std::string path_ = dir_ / "counts";
};

TEST_F(AtomicFileTest, AppearsAtCommitInPlaceOfWhatWasThere) {
  for (const TemporaryName name :
       {TemporaryName::fixed, TemporaryName::unique, TemporaryName::locked}) {
    for (const Durability durability : {Durability::none, Durability::disk}) {
      write_file(path_, "old");
      AtomicFile file(path_, name);
      file.write("one ");
      file.write("");
      file.write("two");
      EXPECT_EQ(read_file(path_), "old");
      EXPECT_EQ(names().size(), 2U);
      file.commit(durability);
      EXPECT_EQ(read_file(path_), "one two");
      EXPECT_THAT(names(), ElementsAre("counts"));
    }
  }
}

TEST_F(AtomicFileTest, LeavesNothingWithoutCommit) {
  for (const TemporaryName name :
       {TemporaryName::fixed, TemporaryName::unique, TemporaryName::locked}) {
    {
      AtomicFile file(path_, name);
      file.write("half a");
    }
    EXPECT_THAT(names(), IsEmpty());
  }
}

TEST_F(AtomicFileTest, StaysWhenItIsDestroyed) {
  {
    AtomicFile file(path_);
    file.commit(Durability::disk);
    file.commit(Durability::disk);  // once more changes nothing
  }
  EXPECT_EQ(read_file(path_), "");
}

TEST_F(AtomicFileTest, HasTemporaryNamesOfTheDocumentedForm) {
  const AtomicFile one(path_);
  const AtomicFile another(path_);
  const AtomicFile with_stem(path_, TemporaryName::unique, dir_ / "entry");
  const AtomicFile fixed(path_, TemporaryName::fixed);
  int of_counts = 0;
  int of_entry = 0;
  for (const std::string& name : names()) {
    of_counts += is_temporary_name(name, "counts") ? 1 : 0;
    of_entry += is_temporary_name(name, "entry") ? 1 : 0;
  }
  EXPECT_EQ(of_counts, 2);
  EXPECT_EQ(of_entry, 1);
  EXPECT_TRUE(fs::exists(path_ + ".tmp"));
  EXPECT_EQ(names().size(), 4U);
}

TEST_F(AtomicFileTest, KnowsTemporaryNames) {
  EXPECT_TRUE(is_temporary_name("a.tmp-aZ09xy", "a"));
  EXPECT_TRUE(is_temporary_name(".tmp-aZ09xy", ""));
  for (const char* const other :
       {"a.tmp-aZ09x", "a.tmp-aZ09xyz", "b.tmp-aZ09xy", "aa.tmp-aZ09xy", "a.tmp-aZ09x.",
        "a.tmp-aZ09x_", "a.tmp", "a", "", "a.tmp_aZ09xy", "a.TMP-aZ09xy"}) {
    EXPECT_FALSE(is_temporary_name(other, "a")) << other;
  }
  EXPECT_FALSE(is_temporary_name("[ab].tmp-aZ09xy", "a")) << "no pattern";
  EXPECT_FALSE(is_temporary_name("a.tmp-aZ09xy", "[ab]")) << "no pattern";
}

TEST_F(AtomicFileTest, RemovesOfWhatIsLeftBehindOnlyItsOwn) {
  const std::vector<std::string> kept = {
      "counts.tmp-aB3xY", "counts.tmp-aB3xY99", "counts.tmp-aB3x.9",
      "counts.tmp",       "count.tmp-aB3xY9",   "my counts.tmp-aB3xY9",
      "counts",
  };
  for (const std::string& name : kept) {
    write_file(dir_ / name, "kept");
  }
  write_file(dir_ / "counts.tmp-aB3xY9", "gone");
  write_file(dir_ / "counts.tmp-000000", "");
  fs::create_directory(dir_ / "counts.tmp-folder");
  fs::create_symlink("counts", dir_ / "counts.tmp-tolink");
  ASSERT_EQ(::mkfifo((dir_ / "counts.tmp-afifo1").c_str(), 0600), 0);
  remove_left_behind(path_);
  std::vector<std::string> expected = kept;
  expected.insert(expected.end(), {"counts.tmp-folder", "counts.tmp-tolink", "counts.tmp-afifo1"});
  EXPECT_THAT(names(), UnorderedElementsAreArray(expected));
}

TEST_F(AtomicFileTest, TakesThePathOfWhatIsLeftBehindForNoPattern) {
  for (const std::string name : {"a*", "[ab]", "?", "a.*", "\xff\n"}) {
    write_file(dir_ / (name + ".tmp-aB3xY9"), "gone");
    write_file(dir_ / "aa.tmp-aB3xY9", "kept");
    write_file(dir_ / "a.tmp-aB3xY9", "kept");
    remove_left_behind(dir_ / name);
    EXPECT_THAT(names(), UnorderedElementsAre("aa.tmp-aB3xY9", "a.tmp-aB3xY9")) << name;
  }
}

TEST_F(AtomicFileTest, RemovesWhatIsLeftBehindInTheCurrentFolder) {
  const fs::path before = fs::current_path();
  write_file(path_ + ".tmp-aB3xY9", "gone");
  fs::current_path(dir_.path());
  remove_left_behind("counts");
  fs::current_path(before);
  EXPECT_THAT(names(), IsEmpty());
  remove_left_behind(dir_ / "no/folder");  // is no error
}

TEST_F(AtomicFileTest, IsNotLeftBehindWhileItIsLocked) {
  {
    AtomicFile file(path_, TemporaryName::locked);
    file.write("some");
    remove_left_behind(path_);
    file.commit(Durability::none);
    EXPECT_EQ(read_file(path_), "some");
  }
  AtomicFile unlocked(path_, TemporaryName::unique);
  remove_left_behind(path_);
  EXPECT_THROW(unlocked.commit(Durability::none), std::system_error) << "nothing was removed";
}

TEST_F(AtomicFileTest, RemovesNothingOfOthersThatIsLeftBehind) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root has files of others";
  }
  const std::string left = path_ + ".tmp-aB3xY9";
  write_file(left, "of another");
  ASSERT_EQ(::chown(left.c_str(), 65534, 65534), 0);
  remove_left_behind(path_);
  EXPECT_TRUE(fs::exists(left));
}

TEST_F(AtomicFileTest, WithAFixedNameWritesOverWhatAKilledProcessLeft) {
  write_file(path_ + ".tmp", "a long rest of something");
  AtomicFile file(path_, TemporaryName::fixed);
  file.write("new");
  file.commit(Durability::none);
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_THAT(names(), ElementsAre("counts"));
}

TEST_F(AtomicFileTest, IsNotWrittenThroughALinkThatHasTheTemporaryName) {
  write_file(dir_ / "other", "mine");
  fs::create_symlink(dir_ / "other", path_ + ".tmp");
  EXPECT_THROW(AtomicFile(path_, TemporaryName::fixed), std::system_error);
  EXPECT_EQ(read_file(dir_ / "other"), "mine");
}

TEST_F(AtomicFileTest, HasTheModeThatTheUmaskLeaves) {
  const mode_t before = ::umask(027);
  AtomicFile file(path_);
  file.commit(Durability::none);
  ::umask(before);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0640));
}

TEST_F(AtomicFileTest, NamesTheFileThatCannotBeWritten) {
  const std::string path = dir_ / "no/folder";
  try {
    const AtomicFile file(path);
    FAIL() << "it could be written";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_TRUE(std::string(error.what()).starts_with(path + " cannot be written")) << error.what();
  }
}

TEST_F(AtomicFileTest, CannotTakeThePlaceOfAFolder) {
  fs::create_directory(path_);
  {
    AtomicFile file(path_);
    EXPECT_THROW(file.commit(Durability::disk), std::system_error);
  }
  EXPECT_THAT(names(), ElementsAre("counts"));
}

TEST_F(AtomicFileTest, OfABatchAppearsWithTheOthers) {
  fs::create_directory(dir_ / "below");
  FileBatch batch(dir_.path());
  batch.add(path_, "old");
  batch.add(dir_ / "below/more", "bytes");
  batch.add(path_, "new");
  EXPECT_TRUE(batch.contains(path_));
  EXPECT_FALSE(fs::exists(path_));
  batch.commit();
  EXPECT_FALSE(batch.contains(path_));
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_EQ(read_file(dir_ / "below/more"), "bytes");
  EXPECT_THAT(names(), UnorderedElementsAre("below", "counts"));
  batch.commit();  // of nothing
}

TEST_F(AtomicFileTest, OfABatchThatCannotBeWrittenIsNamed) {
  FileBatch batch(dir_.path());
  EXPECT_THROW(batch.add(dir_ / "no/folder", "x"), std::system_error);
  EXPECT_FALSE(batch.contains(dir_ / "no/folder"));
}

}  // namespace
}  // namespace bundle_match

// The output file: complete or not at all, and what it does to what stands there already.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/output_file.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::results {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TempDir;
using test::write_file;

class OutputFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  static mode_t mode_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  // What a write to the path says.
  static std::system_error error_of(const std::string& path) {
    try {
      OutputFile file(path);
      file.write("some bytes");
      file.commit();
    } catch (const std::system_error& error) {
      return error;
    }
    ADD_FAILURE() << path << " could be written";
    return std::system_error(std::error_code());
  }

  TempDir dir_;
  const std::string path_ = dir_ / "counts.txt";
};

TEST_F(OutputFileTest, AppearsCompleteAtCommit) {
  OutputFile file(path_);
  file.write("one\n");
  file.write("");
  file.write("two\n");
  EXPECT_FALSE(fs::exists(path_));
  file.commit();
  EXPECT_EQ(read_file(path_), "one\ntwo\n");
  EXPECT_EQ(names(), std::vector<std::string>{"counts.txt"});
}

TEST_F(OutputFileTest, IsEmptyWithoutRows) {
  OutputFile(path_).commit();
  EXPECT_EQ(read_file(path_), "");
}

TEST_F(OutputFileTest, TakesMegabytesInOnePiece) {
  const std::string bytes(std::size_t{5} << 20, 'x');
  OutputFile file(path_);
  file.write(bytes);
  file.commit();
  EXPECT_EQ(read_file(path_), bytes);
}

TEST_F(OutputFileTest, LeavesNoFileBehindUntilItIsWritten) {
  OutputFile file(path_);
  EXPECT_TRUE(names().empty()) << names()[0];
  file.write("half a");
  ASSERT_EQ(names().size(), 1U);
  EXPECT_TRUE(names()[0].starts_with("counts.txt")) << names()[0];
}

TEST_F(OutputFileTest, LeavesNothingWithoutCommit) {
  {
    OutputFile file(path_);
    file.write("half a");
  }
  EXPECT_TRUE(names().empty());
}

// The process is killed while it writes.
TEST_F(OutputFileTest, RemovesWhatAKilledRunLeft) {
  const pid_t child = ::fork();
  if (child == 0) {
    OutputFile file(path_);
    file.write("half a");
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(names().size(), 1U) << "nothing was left";
  OutputFile file(path_);
  EXPECT_TRUE(names().empty()) << names()[0];
}

TEST_F(OutputFileTest, RemovesWhatAKilledRunLeftBehindALink) {
  fs::create_directory(dir_ / "folder");
  fs::create_symlink("folder/counts", dir_ / "link");
  write_file(dir_ / "folder/counts.tmp-aB3xY9", "half a");
  const OutputFile file(dir_ / "link");
  EXPECT_TRUE(fs::is_empty(dir_ / "folder"));
}

TEST_F(OutputFileTest, RemovesNothingThatALiveRunWrites) {
  OutputFile live(path_);
  live.write("half a");
  const std::vector<std::string> before = names();
  const OutputFile file(path_);
  EXPECT_EQ(names(), before);
  live.commit();
  EXPECT_EQ(read_file(path_), "half a");
}

TEST_F(OutputFileTest, KeepsTheOldFileUntilCommit) {
  write_file(path_, "old");
  {
    OutputFile file(path_);
    file.write("new");
    EXPECT_EQ(read_file(path_), "old");
  }
  EXPECT_EQ(read_file(path_), "old");
  OutputFile file(path_);
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(path_), "new");
}

TEST_F(OutputFileTest, KeepsTheFileOfTheFirstCommit) {
  {
    OutputFile file(path_);
    file.commit();
  }
  EXPECT_TRUE(fs::exists(path_)) << "removed by the destructor";
}

TEST_F(OutputFileTest, HasTheModeThatTheUmaskLeaves) {
  struct Example {
    mode_t mask;
    mode_t mode;
  };
  for (const Example& example : {Example{022, 0644}, {077, 0600}, {002, 0664}, {0, 0666}}) {
    const mode_t before = ::umask(example.mask);
    OutputFile file(path_);
    file.commit();
    const mode_t after = ::umask(before);
    EXPECT_EQ(after, example.mask) << "the process's umask is as it was";
    EXPECT_EQ(mode_of(path_), example.mode) << "umask " << std::oct << example.mask;
    fs::remove(path_);
  }
}

TEST_F(OutputFileTest, GoesToTheCurrentFolderWithoutASlash) {
  const fs::path before = fs::current_path();
  fs::current_path(dir_.path());
  {
    OutputFile file("plain-name");
    file.write("x");
    file.commit();
  }
  fs::current_path(before);
  EXPECT_EQ(read_file(dir_ / "plain-name"), "x");
}

TEST_F(OutputFileTest, TakesAnyBytesAsAName) {
  const std::string path = dir_ / "-o \n\xff'XXXXXX";
  OutputFile file(path);
  file.write("x");
  file.commit();
  EXPECT_EQ(read_file(path), "x");
}

TEST_F(OutputFileTest, IsWrittenThroughASymlink) {
  write_file(path_, "old");
  fs::create_symlink("counts.txt", dir_ / "link");
  OutputFile file(dir_ / "link");
  file.write("new");
  file.commit();
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  EXPECT_EQ(read_file(path_), "new");
  EXPECT_EQ(names(), (std::vector<std::string>{"counts.txt", "link"}));
}

// As by a shell's redirection: the link stays, and what it names comes to be.
TEST_F(OutputFileTest, IsWrittenThroughASymlinkToNothingYet) {
  fs::create_symlink("counts.txt", dir_ / "link");
  OutputFile file(dir_ / "link");
  file.write("new");
  file.commit();
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  ASSERT_TRUE(fs::exists(path_));
  EXPECT_EQ(read_file(path_), "new");
}

TEST_F(OutputFileTest, IsWrittenDirectlyToADevice) {
  OutputFile file("/dev/null");
  file.write("gone");
  file.commit();
  struct stat status {};
  ASSERT_EQ(::stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode)) << "replaced by a file";
}

TEST_F(OutputFileTest, IsWrittenDirectlyToAFifo) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  OutputFile file(path_);
  file.write("through");
  file.commit();
  std::string got(20, '\0');
  got.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(reader, got.data(), 20), 0)));
  ::close(reader);
  EXPECT_EQ(got, "through");
}

TEST_F(OutputFileTest, ThatIsADashIsStandardOutput) {
  testing::internal::CaptureStdout();
  {
    OutputFile file("-");
    file.write("a.png 1\n");
    file.commit();
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "a.png 1\n");
  EXPECT_GE(::fcntl(STDOUT_FILENO, F_GETFD), 0) << "standard output stays open";
  EXPECT_FALSE(fs::exists("-"));
}

TEST_F(OutputFileTest, ThrowsForAFullDevice) {
  const std::system_error error = error_of("/dev/full");
  EXPECT_EQ(error.code(), std::errc::no_space_on_device);
  EXPECT_NE(std::string(error.what()).find("/dev/full"), std::string::npos) << error.what();
}

TEST_F(OutputFileTest, ThrowsForAFolderThatIsNotThere) {
  const std::string path = dir_ / "no/such/folder.txt";
  const std::system_error error = error_of(path);
  EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
}

TEST_F(OutputFileTest, ThrowsForAFolderInPlaceOfTheFile) {
  EXPECT_EQ(error_of(dir_.path().string()).code(), std::errc::is_a_directory);
}

TEST_F(OutputFileTest, ThrowsAtOnceForAFolderThatIsNotOurs) {
  fs::permissions(dir_.path(), fs::perms(0555));
  const uid_t user = ::geteuid();
  constexpr uid_t kNobody = 65534;
  if (user == 0) {  // root may write everywhere
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  EXPECT_THROW(OutputFile file(path_), std::system_error);
  ASSERT_EQ(::seteuid(user), 0);
  fs::permissions(dir_.path(), fs::perms(0755));
  EXPECT_TRUE(names().empty());
}

}  // namespace
}  // namespace bundle_match::results

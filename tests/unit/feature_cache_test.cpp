// The cache of features: entries that come back, and files that are not taken for them.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"

#include "support/cache_fixture.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace bundle_match::cache {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class FeatureCacheTest : public test::CacheFixture {
 protected:
  // What the constructor says.
  static std::system_error error_of(const std::string& folder) {
    try {
      const FeatureCache cache(folder, 0);
    } catch (const std::system_error& error) {
      return error;
    }
    ADD_FAILURE() << folder << " is taken";
    return std::system_error(std::error_code());
  }
};

TEST_F(FeatureCacheTest, GivesBackWhatWasStored) {
  FeatureCache cache(folder_, 0);
  const std::string any_bytes("\0\xff\n", 3);
  const std::string long_bytes(740000, 'x');
  EXPECT_EQ(cache.store(key(1), any_bytes), "");
  EXPECT_EQ(cache.store(key(2), ""), "");
  EXPECT_EQ(cache.store(key(3), long_bytes), "");
  EXPECT_EQ(find(folder_, key(1)), any_bytes);
  EXPECT_EQ(find(folder_, key(2)), "");
  EXPECT_EQ(find(folder_, key(3)), long_bytes);
  EXPECT_EQ(files(), (std::set<std::string>{path_of(key(1)), path_of(key(2)), path_of(key(3))}));
}

TEST_F(FeatureCacheTest, FindsNothingThatWasNotStored) {
  EXPECT_FALSE(find(folder_, key(1))) << "without a folder";
  FeatureCache cache(folder_, 0);
  EXPECT_FALSE(find(folder_, key(1))) << "in an empty folder";
  ASSERT_EQ(cache.store(key(1), "features"), "");
  EXPECT_FALSE(find(folder_, key(2)));
}

TEST_F(FeatureCacheTest, ReplacesAnEntry) {
  FeatureCache cache(folder_, 0);
  ASSERT_EQ(cache.store(key(1), "old features"), "");
  ASSERT_EQ(cache.store(key(1), "new"), "");
  EXPECT_EQ(find(folder_, key(1)), "new");
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(FeatureCacheTest, MayBeOneOfSeveralInAFolder) {
  FeatureCache one(folder_, 0);
  FeatureCache other(folder_, 0);
  ASSERT_EQ(one.store(key(1), "of one"), "");
  ASSERT_EQ(other.store(key(2), "of the other"), "");
  ASSERT_EQ(other.store(key(1), "of both"), "");
  EXPECT_EQ(find(folder_, key(1)), "of both");
  EXPECT_EQ(find(folder_, key(2)), "of the other");
}

TEST_F(FeatureCacheTest, FindsNoDamagedEntry) {
  FeatureCache cache(folder_, 0);
  ASSERT_EQ(cache.store(key(1), "some features"), "");
  const std::string whole = read_file(path_of(key(1)));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int flipped : {0x01, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flipped);
      write_file(path_of(key(1)), damaged);
      EXPECT_FALSE(find(folder_, key(1))) << "byte " << i << " ^ " << flipped;
    }
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_file(path_of(key(1)), whole.substr(0, size));
    EXPECT_FALSE(find(folder_, key(1))) << "cut at " << size;
  }
  write_file(path_of(key(1)), whole + '\0');
  EXPECT_FALSE(find(folder_, key(1))) << "longer";
  ASSERT_EQ(cache.store(key(1), "some features"), "");
  EXPECT_EQ(find(folder_, key(1)), "some features") << "stored again";
}

// A file as long as its header says takes the memory of that length: the file must be, too.
TEST_F(FeatureCacheTest, TakesNoMemoryForWhatIsNotThere) {
  FeatureCache cache(folder_, 0);
  ASSERT_EQ(cache.store(key(1), "some features"), "");
  const std::string whole = read_file(path_of(key(1)));
  fs::resize_file(path_of(key(1)), std::uintmax_t{1} << 42);
  EXPECT_FALSE(find(folder_, key(1))) << "a file of 4 TiB";
  write_file(path_of(key(1)), whole.substr(0, 40) + std::string(16, '\xff') + "features");
  EXPECT_FALSE(find(folder_, key(1))) << "a header that says so";
}

TEST_F(FeatureCacheTest, FindsNoEntryUnderAnotherName) {
  FeatureCache cache(folder_, 0);
  ASSERT_EQ(cache.store(key(1), "features of 1"), "");
  ASSERT_EQ(cache.store(key(2), "features of 2"), "");
  fs::rename(path_of(key(1)), path_of(key(2)));
  EXPECT_FALSE(find(folder_, key(2)));
}

TEST_F(FeatureCacheTest, FindsNothingButRegularFiles) {
  FeatureCache cache(folder_, 0);
  ASSERT_EQ(cache.store(key(1), "features"), "");
  fs::rename(path_of(key(1)), dir_ / "outside");
  fs::create_symlink(dir_ / "outside", path_of(key(1)));
  EXPECT_FALSE(find(folder_, key(1))) << "a link";
  fs::remove(path_of(key(1)));
  ASSERT_EQ(::mkfifo(path_of(key(1)).c_str(), 0600), 0);
  EXPECT_FALSE(find(folder_, key(1))) << "a FIFO";
  fs::remove(path_of(key(1)));
  fs::create_directory(path_of(key(1)));
  EXPECT_FALSE(find(folder_, key(1))) << "a folder";
}

TEST_F(FeatureCacheTest, TakesNoOtherNames) {
  FeatureCache cache(folder_, 0);
  const std::string key_of_1 = key(1);
  for (const std::string& name :
       {std::string(), key_of_1.substr(1), key_of_1 + '0', "../" + key_of_1.substr(3),
        "A" + key_of_1.substr(1), key_of_1.substr(0, 31) + '/', std::string(32, '\0')}) {
    EXPECT_THROW((void)cache.store(name, "features"), std::invalid_argument) << name;
    EXPECT_FALSE(find(folder_, name)) << name;
    cache.touch(name);
  }
  EXPECT_TRUE(files().empty());
}

TEST_F(FeatureCacheTest, TouchesAnEntry) {
  FeatureCache cache(folder_, 0);
  ASSERT_EQ(cache.store(key(1), "features"), "");
  set_age(path_of(key(1)), 5000);
  const auto before = fs::last_write_time(path_of(key(1)));
  cache.touch(key(1));
  EXPECT_GT(fs::last_write_time(path_of(key(1))), before);
  EXPECT_EQ(find(folder_, key(1)), "features");
  cache.touch(key(2));
  EXPECT_EQ(files().size(), 1U) << "made by a touch";
}

TEST_F(FeatureCacheTest, HasFilesOfTheModeThatTheUmaskLeaves) {
  const mode_t before = ::umask(027);
  FeatureCache cache(folder_, 0);
  const std::string problem = cache.store(key(1), "features");
  EXPECT_EQ(::umask(before), 027U) << "the process's umask is as it was";
  ASSERT_EQ(problem, "");
  EXPECT_EQ(fs::status(path_of(key(1))).permissions(), fs::perms(0640));
}

TEST_F(FeatureCacheTest, ThrowsForAFolderThatCannotBeMade) {
  write_file(dir_ / "file", "");
  for (const std::string& folder : {dir_ / "file", dir_ / "file/below", std::string("/proc/new")}) {
    EXPECT_NE(std::string(error_of(folder).what()).find(folder), std::string::npos) << folder;
  }
  EXPECT_NE(error_of("").code(), std::error_code());
}

TEST_F(FeatureCacheTest, ThrowsForAFolderThatCannotBeWritten) {
  fs::permissions(dir_.path(), fs::perms(0555));
  const uid_t user = ::geteuid();
  constexpr uid_t kNobody = 65534;
  if (user == 0) {  // root may write everywhere
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const std::system_error error = error_of(dir_.path());
  ASSERT_EQ(::seteuid(user), 0);
  fs::permissions(dir_.path(), fs::perms(0755));
  EXPECT_EQ(error.code(), std::errc::permission_denied);
  EXPECT_NE(std::string(error.what()).find(dir_.path()), std::string::npos) << error.what();
}

TEST_F(FeatureCacheTest, TellsWhatWentWrong) {
  FeatureCache cache(folder_, 0);
  fs::remove_all(folder_);
  write_file(folder_, "no folder any more");
  const std::string problem = cache.store(key(1), "features");
  EXPECT_NE(problem.find(path_of(key(1))), std::string::npos) << problem;
  EXPECT_NE(problem.find("Not a directory"), std::string::npos) << problem;
  cache.touch(key(1));
  cache.prune();
}

// In a child: the limit on files' sizes stands for a full disk.
TEST_F(FeatureCacheTest, LeavesNothingOfAnEntryThatCouldNotBeWritten) {
  FeatureCache cache(folder_, 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit(cache.store(key(1), std::string(2000, 'x')).ends_with("File too large") ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace bundle_match::cache

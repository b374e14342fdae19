// The cache's limit: when it prunes, what goes first, and what it never touches.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"
#include "support/cache_fixture.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <set>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bundle_match::cache {
namespace {

namespace fs = std::filesystem;
using test::write_file;

// With its header; 90 % of the limit are 18 entries, a sixteenth is 1.25.
constexpr std::uint64_t kEntryBytes = 1000;
constexpr std::uint64_t kLimit = 20 * kEntryBytes;
constexpr std::time_t kHour_s = 3600;

class CachePruningTest : public test::CacheFixture {
 protected:
  static std::string features(unsigned number) {
    constexpr std::size_t kHeaderBytes = 56;
    return std::string(kEntryBytes - kHeaderBytes, static_cast<char>('a' + number % 26));
  }

  // Stores entries of those numbers, the first as if it were the oldest.
  void fill(unsigned first, unsigned last, std::uint64_t limit_bytes = 0) {
    FeatureCache cache(folder_, limit_bytes);
    for (unsigned i = first; i <= last; ++i) {
      ASSERT_EQ(cache.store(key(i), features(i)), "");
      set_age(path_of(key(i)), 100000 - i);
    }
  }

  [[nodiscard]] bool has(unsigned number) const { return find(folder_, key(number)).has_value(); }
};

TEST_F(CachePruningTest, KeepsWhatIsBelowTheLimit) {
  fill(1, 18);
  FeatureCache(folder_, kLimit).prune();
  EXPECT_EQ(files().size(), 18U);
}

TEST_F(CachePruningTest, RemovesTheOldestDownToNineTenths) {
  fill(1, 30);
  FeatureCache(folder_, kLimit).prune();
  EXPECT_EQ(bytes(), 18 * kEntryBytes);
  for (unsigned i = 1; i <= 30; ++i) {
    EXPECT_EQ(has(i), i > 12) << i;
  }
}

TEST_F(CachePruningTest, KeepsWhatWasTouched) {
  fill(1, 30);
  FeatureCache cache(folder_, kLimit);
  cache.touch(key(5));
  cache.prune();
  EXPECT_EQ(files().size(), 18U);
  EXPECT_TRUE(has(5));
  EXPECT_FALSE(has(13));
  EXPECT_TRUE(has(14));
}

TEST_F(CachePruningTest, RemovesNoEntryWithoutALimit) {
  fill(1, 30);
  FeatureCache(folder_, 0).prune();
  EXPECT_EQ(files().size(), 30U);
}

TEST_F(CachePruningTest, KeepsTheLimitWhileItStores) {
  FeatureCache cache(folder_, kLimit);
  for (unsigned i = 1; i <= 200; ++i) {
    ASSERT_EQ(cache.store(key(i), features(i)), "");
    ASSERT_LE(bytes(), kLimit) << i;
    ASSERT_TRUE(has(i)) << "the newest, " << i;
    set_age(path_of(key(i)), 100000 - i);
  }
  EXPECT_GE(bytes(), 18 * kEntryBytes);
  EXPECT_TRUE(has(185));
  EXPECT_FALSE(has(180));
}

// Each prunes after a quarter as much, and leaves it to the other if that has just done it.
TEST_F(CachePruningTest, KeepsTheLimitAmongSeveral) {
  std::vector<FeatureCache> caches;
  for (unsigned i = 0; i < 4; ++i) {
    caches.emplace_back(folder_, 16 * kLimit, 4);
  }
  for (unsigned i = 1; i <= 2000; ++i) {
    ASSERT_EQ(caches[i % 4].store(key(i), features(i)), "");
    if (i % 25 == 0) {
      ASSERT_LE(bytes(), 16 * kLimit + kLimit) << i;
    }
  }
  EXPECT_GE(bytes(), 16 * kLimit * 8 / 10);
}

TEST_F(CachePruningTest, KeepsNoEntryThatIsLargerThanAllTogether) {
  FeatureCache cache(folder_, kLimit);
  EXPECT_NE(cache.store(key(1), std::string(kLimit, 'x')), "");
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(cache.store(key(2), std::string(kLimit * 8 / 10, 'x')), "");
  EXPECT_TRUE(has(2)) << "nearly as large";
  EXPECT_EQ(cache.store(key(3), features(3)), "");
  EXPECT_TRUE(has(3));
}

TEST_F(CachePruningTest, TakesAnyLimit) {
  for (const std::uint64_t limit : {std::uint64_t{1}, std::uint64_t{15}, ~std::uint64_t{0}}) {
    FeatureCache cache(folder_, limit, 1000);
    EXPECT_EQ(cache.store(key(1), features(1)).empty(), limit > kEntryBytes) << limit;
    cache.prune();
  }
  EXPECT_TRUE(has(1));
}

TEST_F(CachePruningTest, RemovesOldTemporariesOfItsOwn) {
  fill(1, 1);
  const std::string subfolder = fs::path(path_of(key(1))).parent_path();
  const std::string gone[] = {subfolder + "/features.tmp-aZ09xx", folder_ + "/features.tmp-AAAAAA"};
  const std::string kept[] = {subfolder + "/features.tmp-young1", path_of(key(1))};
  for (const std::string& path : gone) {
    write_file(path, "half an ent");
    set_age(path, kHour_s + 10);
  }
  write_file(kept[0], "half an ent");
  set_age(kept[0], kHour_s - 60);
  FeatureCache(folder_, 0).prune();
  EXPECT_EQ(files(), (std::set<std::string>{kept[0], kept[1]}));
}

// Names that are nearly those of the cache, old enough for anything to be removed.
TEST_F(CachePruningTest, RemovesNothingThatIsNotItsOwn) {
  const std::string digits(30, 'a');
  std::set<std::string> others;
  fill(1, 1);
  fs::create_directories(folder_ + "/ab/cd");
  fs::create_directories(folder_ + "/AB");
  fs::create_directories(folder_ + "/abc");
  for (const char* const name :
       {"thesis.tex", "ab/thesis.tex", "ab/features.tmp-123", "ab/features.tmp-12345.",
        "ab/features.tmp-1234567", "ab/my features.tmp-123456", "ab/.features", "features.tmp-"}) {
    others.insert(folder_ + "/" + name);
  }
  for (const char* const name :
       {"/ab/%", "/ab/%.feature", "/ab/%a.features", "/ab/%.features~", "/ab/cd/%.features",
        "/AB/%.features", "/abc/%.features", "/%.features"}) {
    others.insert(folder_ + std::string(name).replace(std::string(name).find('%'), 1, digits));
  }
  for (const char* const last : {"", "A", "g"}) {
    others.insert(folder_ + "/ab/" + digits.substr(1) + last + ".features");
  }
  for (const std::string& path : others) {
    write_file(path, std::string(kLimit, 'x'));
    set_age(path, 1000000);
  }
  FeatureCache(folder_, 1).prune();
  EXPECT_EQ(files(), others);
}

TEST_F(CachePruningTest, FollowsNoLinks) {
  const std::string digits(30, 'a');
  const std::string outside = dir_ / "outside";
  fs::create_directory(outside);
  const std::string file = outside + "/" + digits + ".features";
  const std::string temporary = outside + "/features.tmp-123456";
  for (const std::string& path : {file, temporary}) {
    write_file(path, "somebody's");
    set_age(path, 1000000);
  }
  fill(1, 1);
  fs::create_directory_symlink(outside, folder_ + "/ab");
  fs::create_directory(folder_ + "/cd");
  fs::create_symlink(file, folder_ + "/cd/" + digits + ".features");
  fs::create_directory(folder_ + "/cd/" + std::string(30, 'b') + ".features");
  FeatureCache(folder_, 1).prune();
  EXPECT_TRUE(fs::exists(file));
  EXPECT_TRUE(fs::exists(temporary));
  EXPECT_TRUE(fs::is_symlink(folder_ + "/cd/" + digits + ".features"));
  EXPECT_FALSE(has(1));
}

TEST_F(CachePruningTest, MayItselfBeALink) {
  fill(1, 30);
  fs::create_directory_symlink(folder_, dir_ / "link");
  FeatureCache(dir_ / "link", kLimit).prune();
  EXPECT_EQ(files().size(), 18U);
}

// Processes that store, prune and read the same entries: each read gives an entry or none.
TEST_F(CachePruningTest, ManyProcessesMayDoItAtOnce) {
  constexpr unsigned kProcesses = 4;
  fs::create_directories(folder_);
  std::vector<pid_t> children;
  for (unsigned process = 0; process < kProcesses; ++process) {
    children.push_back(::fork());
    if (children.back() == 0) {
      FeatureCache cache(folder_, kLimit, kProcesses);
      bool good = true;
      for (unsigned i = 0; i < 500; ++i) {
        const unsigned number = (i * (process + 1)) % 60;
        good = good && cache.store(key(number), features(number)).empty();
        const auto found = find(folder_, key((number + 7) % 60));
        good = good && (!found || *found == features((number + 7) % 60));
        if (i % 25 == 0) {
          cache.prune();
        }
      }
      ::_exit(good ? 0 : 1);
    }
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  FeatureCache(folder_, kLimit).prune();
  EXPECT_LE(bytes(), kLimit);
  EXPECT_GE(bytes(), kLimit / 2);
}

}  // namespace
}  // namespace bundle_match::cache

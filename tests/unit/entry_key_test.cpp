// Names of the cache's entries: what they depend on, and what they do not.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace bundle_match::cache {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using test::write_file;

class EntryKeyTest : public testing::Test {
 protected:
  EntryKeyTest() {
    write_file(image_, "the image's bytes");
    write_file(mask_, "the mask's bytes");
  }

  // The key of the image; fails the test if there is none.
  [[nodiscard]] std::string key(const std::string& mask = {}, const MatchOptions& options = {},
                                std::string_view libraries = "4.6.0") const {
    const auto key = entry_key(image_, mask, options, libraries);
    EXPECT_TRUE(key);
    return key.value_or("");
  }

  TempDir dir_;
  const std::string image_ = dir_ / "a.png";
  const std::string mask_ = dir_ / "a.png.png";
};

TEST_F(EntryKeyTest, Is32HexadecimalDigits) {
  EXPECT_EQ(key().size(), 32U);
  EXPECT_EQ(key().find_first_not_of("0123456789abcdef"), std::string::npos) << key();
}

// A folder is shared by runs of today and of next year: a change here needs a new version.
TEST_F(EntryKeyTest, IsTheSameTomorrow) {
  EXPECT_EQ(key(), "6c12f89964e99d186819cd1207528e5c");
  EXPECT_EQ(key(mask_), "38e13b19c0d244e07c0209f4dc1e624b");
}

TEST_F(EntryKeyTest, DependsOnContentAlone) {
  const std::string before = key();
  const std::string other = dir_ / "elsewhere.jpg";
  fs::copy_file(image_, other);
  EXPECT_EQ(entry_key(other, "", {}, "4.6.0"), before);
  write_file(image_, "the image's Bytes");
  EXPECT_NE(key(), before);
}

TEST_F(EntryKeyTest, DependsOnEveryPartOfALongFile) {
  // Around the size in which files are read.
  for (const std::size_t size : {65535U, 65536U, 65537U, 200000U}) {
    std::set<std::string> keys;
    std::string bytes(size, 'x');
    for (const std::size_t changed : {std::size_t{0}, size / 2, size - 1}) {
      bytes[changed] = 'y';
      write_file(image_, bytes);
      keys.insert(key());
    }
    write_file(image_, bytes + '\0');
    keys.insert(key());
    EXPECT_EQ(keys.size(), 4U) << size;
  }
}

TEST_F(EntryKeyTest, DependsOnEveryOptionThatChangesFeatures) {
  std::set<std::string> keys{key(), key(mask_), key("", {}, "4.10.0")};
  for (const auto& change : std::vector<std::function<void(MatchOptions&)>>{
           [](MatchOptions& options) { options.nfeatures = 4999; },
           [](MatchOptions& options) { options.sift = SiftImplementation::opencv; },
           [](MatchOptions& options) { options.first_octave = 0; },
           [](MatchOptions& options) { options.max_size = 1000; }}) {
    MatchOptions options;
    change(options);
    keys.insert(key("", options));
  }
  write_file(mask_, "another mask");
  keys.insert(key(mask_));
  EXPECT_EQ(keys.size(), 8U);
}

TEST_F(EntryKeyTest, DependsOnNoOtherOption) {
  MatchOptions options;
  options.sift = SiftImplementation::fast;  // what automatic is
  options.mask_dir = "somewhere";
  options.cross_check = CrossCheck::one_way;
  options.max_ratio = 0.8;
  options.max_distance = 200;
  options.verification = Verification::homography;
  options.max_error_px = 2;
  options.min_inliers = 30;
  options.cache_dir = "elsewhere";
  options.cache_limit_bytes = 1;
  options.report_features = true;
  options.report_matches = true;
  options.threads = 8;
  options.timeout_s = 1;
  options.memory_limit_bytes = 1;
  options.sandbox = false;
  options.kernel = "plain";
  EXPECT_EQ(key("", options), key());
}

TEST_F(EntryKeyTest, MayBeThatOfAnEmptyFile) {
  write_file(image_, "");
  EXPECT_EQ(key().size(), 32U);
}

TEST_F(EntryKeyTest, IsNoneOfWhatCannotBeRead) {
  const std::string missing = dir_ / "missing.png";
  EXPECT_FALSE(entry_key(missing, "", {}, ""));
  EXPECT_FALSE(entry_key(image_, missing, {}, ""));
  EXPECT_FALSE(entry_key("", "", {}, ""));
  EXPECT_FALSE(entry_key(dir_.path(), "", {}, ""));
  EXPECT_FALSE(entry_key("/dev/zero", "", {}, "")) << "without end";
}

TEST_F(EntryKeyTest, DoesNotWaitForAFifo) {
  const std::string fifo = dir_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(entry_key(fifo, "", {}, ""));
  EXPECT_FALSE(entry_key(image_, fifo, {}, ""));
}

TEST_F(EntryKeyTest, IsThatOfAMemoryFile) {
  const UniqueFd file(::memfd_create("sent image", MFD_CLOEXEC));
  ASSERT_EQ(write_all(file.get(), test::read_file(image_)), 0);  // its position is at the end
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  EXPECT_EQ(entry_key(path, "", {}, "4.6.0"), key());
}

}  // namespace
}  // namespace bundle_match::cache

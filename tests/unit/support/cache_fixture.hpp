// A folder for a cache, and a look at what is in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <string>
#include <sys/stat.h>

namespace bundle_match::test {

class CacheFixture : public testing::Test {
 protected:
  /// The key of entry `number`; neighbours stand in different subfolders.
  static std::string key(unsigned number) {
    std::string text(32, '0');
    for (std::size_t i = 0; number > 0; ++i, number /= 16) {
      text[(i * 7 + 1) % text.size()] = "0123456789abcdef"[number % 16];
    }
    return text;
  }

  /// Where the entry stands, as the cache's documentation says.
  [[nodiscard]] std::string path_of(const std::string& key) const {
    return folder_ + "/" + key.substr(0, 2) + "/" + key.substr(2) + ".features";
  }

  /// All files below the folder, without the one that tells when it was pruned.
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (!entry.is_directory() && entry.path().filename() != "pruned") {
        files.insert(entry.path().string());
      }
    }
    return files;
  }

  /// What the files take together.
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t bytes = 0;
    for (const std::string& file : files()) {
      bytes += std::filesystem::file_size(file);
    }
    return bytes;
  }

  /// Makes the file that old.
  static void set_age(const std::string& path, std::time_t age_s) {
    const timespec then{std::time(nullptr) - age_s, 0};
    const timespec times[] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0) << path;
  }

  TempDir dir_;
  const std::string folder_ = dir_ / "made/by/the cache";
};

}  // namespace bundle_match::test

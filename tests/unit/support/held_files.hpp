// A file system that stands still, for programs that link held_files.cpp: it replaces open(2) with
// O_EXCL, by which every file of the cache begins.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::test {

/// While one lives, whoever makes a temporary file waits.
class HeldFiles {
 public:
  HeldFiles();
  ~HeldFiles();
  HeldFiles(const HeldFiles&) = delete;
  HeldFiles& operator=(const HeldFiles&) = delete;

  /// Returns once a thread has begun to make one.
  void wait_until_someone_waits() const;
};

}  // namespace bundle_match::test

// A file system that stands still, for programs that link held_files.cpp: it replaces mkostemp(3),
// by which the cache begins every file.
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
};

}  // namespace bundle_match::test

// A path that leads to the same file for as long as it is needed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <string>

namespace bundle_match {

/// Opens the file, so that path() is this one also when another has taken its place meanwhile. What
/// it holds may change all the same.
class PinnedFile {
 public:
  /// Does not wait for a FIFO's writer. Where the file cannot be opened, path() is the one given.
  explicit PinnedFile(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  UniqueFd file_;
  std::string path_;
};

}  // namespace bundle_match

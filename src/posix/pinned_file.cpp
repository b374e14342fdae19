// An open descriptor, and its name in /proc.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/pinned_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace bundle_match {

PinnedFile::PinnedFile(const std::string& path)
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), path_(path) {
  const std::string own = path_of_descriptor(file_.get());
  if (file_.valid() && ::access(own.c_str(), R_OK) == 0) {  // there may be no /proc
    path_ = own;
  }
}

}  // namespace bundle_match

// close(2), and the loop around write(2).
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/file_descriptor.hpp"

#include <cerrno>
#include <cstddef>
#include <unistd.h>

namespace bundle_match {

void UniqueFd::reset() {
  if (fd_ >= 0) {
    ::close(std::exchange(fd_, -1));
  }
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace bundle_match

// O_TMPFILE, where the file system has it.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/scratch_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace bundle_match {
namespace {

// Only who makes the file writes to it.
constexpr mode_t kForReading = 0400;

UniqueFd make_and_unlink(const std::string& folder) {
  std::string name = folder + "/bundle_match.XXXXXX";
  UniqueFd file(::mkostemp(name.data(), O_CLOEXEC));
  if (file.valid()) {
    ::unlink(name.c_str());
    ::fchmod(file.get(), kForReading);
  }
  return file;
}

}  // namespace

UniqueFd make_scratch_file(const std::string& folder) {
  UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kForReading));
  if (!file.valid() && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    file = make_and_unlink(folder);  // as on NFS
  }
  if (!file.valid()) {
    throw std::system_error(errno, std::generic_category(), "no scratch file in " + folder);
  }
  return file;
}

std::string default_scratch_folder() {
  const char* const folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/var/tmp";
}

int append_file(int to, int from) {
  off_t done = 0;
  for (;;) {
    constexpr std::size_t kMost = std::size_t{1} << 30;
    const ssize_t sent = ::sendfile(to, from, &done, kMost);
    if (sent == 0) {
      return 0;
    }
    if (sent < 0 && errno != EINTR) {
      return errno;
    }
  }
}

}  // namespace bundle_match

// fsync(2), syncfs(2), rename(2), unlink(2).
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/disk.hpp"

#include "bundle_match/posix/file_descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace bundle_match {
namespace {

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw std::system_error(errno, std::generic_category(), path + " " + what);
}

}  // namespace

void sync_to_disk(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  // EINVAL: a file system that has no such thing for folders.
  if (!file.valid() || (::fsync(file.get()) != 0 && errno != EINVAL)) {
    fail(path, "cannot be brought to disk");
  }
}

void sync_file_system(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() || ::syncfs(file.get()) != 0) {
    fail(path, "cannot be brought to disk");
  }
}

bool holds(const std::string& path, std::string_view content) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::size_t>(status.st_size) != content.size()) {
    return false;
  }
  std::array<char, 1 << 16> chunk;
  while (!content.empty()) {
    const ssize_t size = ::read(file.get(), chunk.data(), chunk.size());
    const std::string_view read(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (read.empty() || !content.starts_with(read)) {
      return false;
    }
    content.remove_prefix(read.size());
  }
  return true;
}

void rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    fail(to, "cannot be written");
  }
}

void rename_durably(const std::string& from, const std::string& to) {
  sync_to_disk(from);
  rename_file(from, to);
  sync_to_disk(folder_of(to));
}

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    fail(path, "cannot be removed");
  }
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace bundle_match

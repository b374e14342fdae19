// Write to a temporary name, then rename.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/output_file.hpp"

#include "bundle_match/posix/file_descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match::results {
namespace {

bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A link is written through, as by a shell's redirection.
std::string resolve_link(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int kMaxLinks = 40;  // as the kernel
  fs::path target = path;
  std::error_code error;
  for (int i = 0; i < kMaxLinks && fs::is_symlink(fs::symlink_status(target, error)); ++i) {
    target = target.parent_path() / fs::read_symlink(target, error);
  }
  return target.string();
}

bool same_content(int fd, const std::string& path) {
  const UniqueFd other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!other.valid()) {
    return false;
  }
  std::array<char, 1 << 16> ours;
  std::array<char, 1 << 16> theirs;
  off_t offset = 0;
  bool same = true;
  for (ssize_t size = 1; same && size > 0; offset += size) {
    size = ::pread(fd, ours.data(), ours.size(), offset);
    same = size >= 0 && ::pread(other.get(), theirs.data(), theirs.size(), offset) == size &&
           std::memcmp(ours.data(), theirs.data(), static_cast<std::size_t>(size)) == 0;
  }
  return same;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    fd_ = UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  } else if (is_special(path_)) {
    fd_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  } else {
    path_ = resolve_link(path_);
    direct_ = false;
    // Not kept open: a run that is killed hours later would leave it behind.
    open_temporary();
    fd_.reset();
    ::unlink(std::exchange(temporary_, {}).c_str());
    return;
  }
  if (!fd_.valid()) {
    fail("cannot be written");
  }
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

void OutputFile::open_temporary() {
  if (direct_ || fd_.valid()) {
    return;
  }
  std::string temporary = path_ + ".tmp-XXXXXX";
  fd_ = UniqueFd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd_.valid()) {
    fail("cannot be written");
  }
  temporary_ = std::move(temporary);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd_.get(), 0666 & ~mask);  // mkostemp makes it private
}

void OutputFile::write(std::string_view bytes) {
  open_temporary();
  if (const int error = write_all(fd_.get(), bytes); error != 0) {
    errno = error;
    fail("cannot be written");
  }
}

void OutputFile::commit() {
  open_temporary();
  if (temporary_.empty()) {
    return;
  }
  if (same_content(fd_.get(), path_)) {
    return;  // an earlier run finished it: its time of change stays true
  }
  if (::fsync(fd_.get()) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail("cannot be written");
  }
  temporary_.clear();
  // The name itself is safe once the directory is on disk.
  const UniqueFd directory(::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) {
    ::fsync(directory.get());
  }
}

void OutputFile::fail(const char* what) const {
  const std::string name = path_ == "-" ? "standard output" : path_;
  throw std::system_error(errno, std::generic_category(), name + " " + what);
}

}  // namespace bundle_match::results

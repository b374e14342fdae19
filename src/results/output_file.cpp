// Standard output, what is no regular file, and links; the rest is AtomicFile's.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/output_file.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
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
  std::uint64_t offset = 0;
  bool same = true;
  for (std::int64_t size = 1; same && size > 0; offset += ours.size()) {
    size = read_at(fd, ours, offset);
    same = size >= 0 && read_at(other.get(), theirs, offset) == size &&
           std::memcmp(ours.data(), theirs.data(), static_cast<std::size_t>(size)) == 0;
  }
  return same;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    direct_ = UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  } else if (is_special(path_)) {
    direct_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  } else {
    path_ = resolve_link(path_);
    is_regular_ = true;
    remove_left_behind(path_);
    const AtomicFile can_be_written(path_);  // not kept: the results may come hours later
    return;
  }
  if (!direct_.valid()) {
    fail(errno);
  }
}

AtomicFile& OutputFile::regular() {
  if (!regular_) {
    regular_.emplace(path_);
  }
  return *regular_;
}

void OutputFile::write(std::string_view bytes) {
  if (is_regular_) {
    regular().write(bytes);
  } else if (const int error = write_all(direct_.get(), bytes); error != 0) {
    fail(error);
  }
}

void OutputFile::commit() {
  if (!is_regular_) {
    return;
  }
  // If an earlier run finished it, its time of change stays true.
  if (!same_content(regular().descriptor(), path_)) {
    regular().commit(Durability::disk);
  }
}

void OutputFile::fail(int error) const {
  const std::string name = path_ == "-" ? "standard output" : path_;
  throw std::system_error(error, std::generic_category(), name + " cannot be written");
}

}  // namespace bundle_match::results

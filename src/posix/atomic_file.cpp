// open(2) with O_EXCL, flock(2), fsync(2), rename(2).
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/atomic_file.hpp"

#include "bundle_match/posix/disk.hpp"

#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match {
namespace {

constexpr std::string_view kFixedEnding = ".tmp";
constexpr std::string_view kUniqueEnding = ".tmp-";
constexpr std::string_view kVarying =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t kVaryingCharacters = 6;

constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
constexpr mode_t kMode = 0666;  // the umask takes its part

std::string random_characters() {
  std::array<unsigned char, kVaryingCharacters> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::system_error(errno, std::generic_category(), "no random numbers");
  }
  std::string characters;
  for (const unsigned char byte : bytes) {
    characters += kVarying[byte % kVarying.size()];
  }
  return characters;
}

std::string fixed_name(const std::string& path) { return path + std::string(kFixedEnding); }

UniqueFd open_fixed(const std::string& path) {
  return UniqueFd(::open(fixed_name(path).c_str(), kFlags | O_TRUNC, kMode));
}

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path + " cannot be written");
}

void write_bytes(const UniqueFd& file, const std::string& path, std::string_view bytes) {
  if (const int error = write_all(file.get(), bytes); error != 0) {
    errno = error;
    fail(path);
  }
}

// False if a process that cleans up was quicker. Where the file system has no locks, nobody removes
// it.
bool lock(const UniqueFd& file) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno != EWOULDBLOCK;
  }
  struct stat status {};
  return ::fstat(file.get(), &status) == 0 && status.st_nlink > 0;
}

void remove_if_nobody_writes_it(int folder, const char* name) {
  constexpr int kReading = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const UniqueFd file(::openat(folder, name, kReading));  // NFS locks only what may be written
  struct stat status {};
  struct stat named {};
  if (file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
      status.st_uid == ::geteuid() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 &&
      // Its writer may have given it its name meanwhile.
      ::fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_dev == status.st_dev &&
      named.st_ino == status.st_ino) {
    ::unlinkat(folder, name, 0);
  }
}

}  // namespace

bool is_temporary_name(std::string_view name, std::string_view stem) {
  return name.size() == stem.size() + kUniqueEnding.size() + kVaryingCharacters &&
         name.starts_with(stem) && name.substr(stem.size()).starts_with(kUniqueEnding) &&
         name.substr(name.size() - kVaryingCharacters).find_first_not_of(kVarying) ==
             std::string_view::npos;
}

void remove_left_behind(const std::string& path) {
  const std::string stem = path.substr(path.rfind('/') + 1);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_of(path).c_str()), ::closedir);
  while (const dirent* const entry = folder ? ::readdir(folder.get()) : nullptr) {
    if (is_temporary_name(entry->d_name, stem)) {
      remove_if_nobody_writes_it(::dirfd(folder.get()), entry->d_name);
    }
  }
}

AtomicFile::AtomicFile(std::string path, TemporaryName name, const std::string& stem)
    : path_(std::move(path)) {
  const std::string& own_stem = stem.empty() ? path_ : stem;
  if (name == TemporaryName::fixed) {
    temporary_ = fixed_name(own_stem);
    file_ = open_fixed(own_stem);
  } else {
    open_unique(own_stem, name == TemporaryName::locked);
  }
  if (!file_.valid()) {
    fail(path_);
  }
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

// One of billions of names; a folder in which so many are taken is full of them for another reason.
void AtomicFile::open_unique(const std::string& stem, bool locked) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries && !file_.valid(); ++i) {
    temporary_ = stem + std::string(kUniqueEnding) + random_characters();
    file_ = UniqueFd(::open(temporary_.c_str(), kFlags | O_EXCL, kMode));
    if (!file_.valid() && errno != EEXIST) {
      return;
    }
    if (file_.valid() && locked && !lock(file_)) {
      file_.reset();
    }
  }
}

void AtomicFile::write(std::string_view bytes) { write_bytes(file_, path_, bytes); }

void AtomicFile::commit(Durability durability) {
  if (temporary_.empty()) {
    return;
  }
  const bool to_disk = durability == Durability::disk;
  if ((to_disk && ::fsync(file_.get()) != 0) || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail(path_);
  }
  temporary_.clear();
  if (to_disk) {
    // A folder that may be written, but not read, cannot be synced.
    const UniqueFd folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.valid() && ::fsync(folder.get()) != 0 && errno != EINVAL) {
      fail(path_);
    }
  }
}

void FileBatch::add(const std::string& path, std::string_view content) {
  const UniqueFd file = open_fixed(path);
  if (!file.valid()) {
    fail(path);
  }
  write_bytes(file, path, content);
  pending_.insert(path);
}

void FileBatch::commit() {
  if (pending_.empty()) {
    return;
  }
  sync_file_system(folder_);
  std::set<std::string> folders;
  for (const std::string& path : pending_) {
    rename_file(fixed_name(path), path);
    folders.insert(folder_of(path));
  }
  pending_.clear();
  for (const std::string& folder : folders) {
    sync_to_disk(folder);
  }
}

}  // namespace bundle_match

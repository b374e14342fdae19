// Write to a temporary name, then rename; prune now and then.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "entry_file.hpp"
#include "pruning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match::cache {
namespace {

mode_t mode_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

struct TemporaryFile {
  UniqueFd file;
  std::string path;
};

// Makes one in that folder; not valid, with errno, if it cannot.
TemporaryFile open_temporary(const std::string& folder) {
  std::string path = folder + '/' + std::string(kTemporaryName);
  UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
  return {std::move(file), std::move(path)};
}

std::string in_words(const std::string& path, int error) {
  return fmt::format("{}: {}", path, std::strerror(error));
}

timespec last_prune_of(const std::string& folder) {
  struct stat status {};
  const std::string path = folder + '/' + std::string(kPrunedName);
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mtim : timespec{};
}

// Tells others that the folder is being pruned. Returns when, by the clock of the file system.
timespec announce_prune(const std::string& folder) {
  const std::string path = folder + '/' + std::string(kPrunedName);
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666));
  struct stat status {};
  if (file.valid() && ::futimens(file.get(), nullptr) == 0 && ::fstat(file.get(), &status) == 0) {
    return status.st_mtim;
  }
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

}  // namespace

FeatureCache::FeatureCache(std::string folder, std::uint64_t limit_bytes, std::uint32_t processes)
    : folder_(std::move(folder)),
      limit_bytes_(limit_bytes),
      prune_every_bytes_(limit_bytes / 16 / std::max(processes, 1U)),
      file_mode_(mode_of_new_files()) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    throw std::system_error(error, folder_ + " cannot be made");
  }
  const TemporaryFile probe = open_temporary(folder_);
  if (!probe.file.valid()) {
    throw std::system_error(errno, std::generic_category(), folder_ + " cannot be written");
  }
  ::unlink(probe.path.c_str());
  last_prune_ = last_prune_of(folder_);
}

std::string FeatureCache::store(const std::string& key, std::string_view encoded) {
  if (!is_key(key)) {
    throw std::invalid_argument("not the name of an entry: " + key);
  }
  const std::uint64_t size_bytes = sizeof(EntryHeader) + encoded.size();
  if (limit_bytes_ != 0 && size_bytes > kept_bytes(limit_bytes_)) {
    return fmt::format("{}: an entry of {} bytes is too large for a limit of {}", folder_,
                       size_bytes, limit_bytes_);
  }
  std::string problem = write_entry(key, encoded);
  if (problem.empty()) {
    stored_bytes_ += size_bytes;
    if (limit_bytes_ != 0 && stored_bytes_ > prune_every_bytes_ && !another_has_pruned()) {
      prune();
    }
  }
  return problem;
}

// Not synced: what a crash of the node leaves of an entry has another checksum.
std::string FeatureCache::write_entry(const std::string& key, std::string_view encoded) const {
  const std::string subfolder = subfolder_of(folder_, key);
  const std::string path = entry_path(folder_, key);
  TemporaryFile temporary = open_temporary(subfolder);
  if (!temporary.file.valid() && errno == ENOENT) {
    ::mkdir(subfolder.c_str(), 0777);  // another process may have made it by now
    temporary = open_temporary(subfolder);
  }
  if (!temporary.file.valid()) {
    return in_words(path, errno);
  }
  ::fchmod(temporary.file.get(), file_mode_);  // mkostemp makes it private
  const EntryHeader header = header_of(key, encoded);
  int error =
      write_all(temporary.file.get(), {reinterpret_cast<const char*>(&header), sizeof header});
  if (error == 0) {
    error = write_all(temporary.file.get(), encoded);
  }
  if (error == 0 && ::rename(temporary.path.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlink(temporary.path.c_str());
    return in_words(path, error);
  }
  return {};
}

void FeatureCache::touch(const std::string& key) const {
  if (is_key(key)) {
    ::utimensat(AT_FDCWD, entry_path(folder_, key).c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
  }
}

void FeatureCache::prune() {
  last_prune_ = announce_prune(folder_);
  stored_bytes_ = 0;
  prune_folder(folder_, limit_bytes_, last_prune_);
}

// Since this process looked last. Its count begins anew then: so of processes that store at the
// same pace one prunes for all, and none stores more than twice its share before somebody does.
bool FeatureCache::another_has_pruned() {
  const timespec seen = std::exchange(last_prune_, last_prune_of(folder_));
  const bool pruned = seen.tv_sec != last_prune_.tv_sec || seen.tv_nsec != last_prune_.tv_nsec;
  stored_bytes_ = pruned ? 0 : stored_bytes_;
  return pruned;
}

}  // namespace bundle_match::cache

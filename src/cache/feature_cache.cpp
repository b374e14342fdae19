// Entries are written whole; prune now and then.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"

#include "bundle_match/posix/atomic_file.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "entry_file.hpp"
#include "pruning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bundle_match::cache {
namespace {

std::string temporary_stem(const std::string& folder) {
  return folder + '/' + std::string(kTemporaryStem);
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
      prune_every_bytes_(limit_bytes / 16 / std::max(processes, 1U)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    throw std::system_error(error, folder_ + " cannot be made");
  }
  const AtomicFile can_be_written(folder_, TemporaryName::unique, temporary_stem(folder_));
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

std::string FeatureCache::write_entry(const std::string& key, std::string_view encoded) const {
  const std::string subfolder = subfolder_of(folder_, key);
  const EntryHeader header = header_of(key, encoded);
  for (bool again = false;; again = true) {
    try {
      AtomicFile file(entry_path(folder_, key), TemporaryName::unique, temporary_stem(subfolder));
      file.write({reinterpret_cast<const char*>(&header), sizeof header});
      file.write(encoded);
      // What a crash of the node leaves of an entry has another checksum.
      file.commit(Durability::none);
      return {};
    } catch (const std::system_error& error) {
      if (again || error.code() != std::errc::no_such_file_or_directory) {
        return error.what();
      }
    }
    ::mkdir(subfolder.c_str(), 0777);  // another process may have made it by now
  }
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

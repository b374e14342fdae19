// Lists entries, oldest first, and removes.
// SPDX-License-Identifier: Apache-2.0
#include "pruning.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "entry_file.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace bundle_match::cache {
namespace {

// Nobody writes an entry for so long.
constexpr std::time_t kTemporaryLife_s = 3600;

struct Entry {
  timespec used{};
  std::uint64_t size_bytes = 0;
  std::string subfolder;
  std::string name;
};

bool is_older(const Entry& a, const Entry& b) {
  return std::tie(a.used.tv_sec, a.used.tv_nsec, a.subfolder, a.name) <
         std::tie(b.used.tv_sec, b.used.tv_nsec, b.subfolder, b.name);
}

UniqueFd open_folder(int at, const std::string& path, int more_flags) {
  return UniqueFd(::openat(at, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | more_flags));
}

std::vector<std::string> names_in(const UniqueFd& folder) {
  std::vector<std::string> names;
  // One of its own: closedir closes it, and reading moves its position.
  const int own = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(own), ::closedir);
  while (const dirent* const entry = listing ? ::readdir(listing.get()) : nullptr) {
    names.emplace_back(entry->d_name);
  }
  return names;
}

// Of a regular file; false for all else, links among it.
bool look_at(const UniqueFd& folder, const std::string& name, struct stat& status) {
  return ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode);
}

class Pruning {
 public:
  Pruning(const std::string& folder, const timespec& now)
      : folder_(open_folder(AT_FDCWD, folder, 0)), now_(now) {}

  void remove_temporaries_and_list_entries() {
    for (const std::string& name : names_in(folder_)) {
      if (is_subfolder_name(name)) {
        look_into(name);
      } else {
        remove_if_left_behind(folder_, name);
      }
    }
  }

  void remove_oldest(std::uint64_t kept) {
    std::uint64_t total = 0;
    for (const Entry& entry : entries_) {
      total += entry.size_bytes;
    }
    std::ranges::sort(entries_, is_older);
    for (auto entry = entries_.begin(); entry != entries_.end() && total > kept; ++entry) {
      const UniqueFd subfolder = open_folder(folder_.get(), entry->subfolder, O_NOFOLLOW);
      // One that another process has removed already is gone, too.
      if (::unlinkat(subfolder.get(), entry->name.c_str(), 0) == 0 || errno == ENOENT) {
        total -= entry->size_bytes;
      }
    }
  }

 private:
  void look_into(const std::string& subfolder) {
    const UniqueFd folder = open_folder(folder_.get(), subfolder, O_NOFOLLOW);
    for (const std::string& name : names_in(folder)) {
      struct stat status {};
      if (!is_entry_name(name)) {
        remove_if_left_behind(folder, name);
      } else if (look_at(folder, name, status)) {
        entries_.push_back(
            {status.st_mtim, static_cast<std::uint64_t>(status.st_size), subfolder, name});
      }
    }
  }

  void remove_if_left_behind(const UniqueFd& folder, const std::string& name) const {
    struct stat status {};
    if (is_temporary_name(name) && look_at(folder, name, status) &&
        status.st_mtim.tv_sec < now_.tv_sec - kTemporaryLife_s) {
      ::unlinkat(folder.get(), name.c_str(), 0);
    }
  }

  UniqueFd folder_;
  timespec now_;
  std::vector<Entry> entries_;
};

}  // namespace

void prune_folder(const std::string& folder, std::uint64_t limit_bytes, const timespec& now) {
  Pruning pruning(folder, now);
  pruning.remove_temporaries_and_list_entries();
  if (limit_bytes != 0) {
    pruning.remove_oldest(kept_bytes(limit_bytes));
  }
}

}  // namespace bundle_match::cache

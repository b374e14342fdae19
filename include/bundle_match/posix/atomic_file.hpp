// Files that appear under their names complete or not at all, whenever the process or the machine
// dies: written under a temporary name beside it, then renamed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace bundle_match {

/// The temporary name of a file.
enum class TemporaryName : std::uint8_t {
  /// NAME.tmp, for files that one process writes at a time: the next one writes over what a killed
  /// one left behind.
  fixed,
  /// NAME.tmp-XXXXXX, of letters and digits: no other process writes it.
  unique,
  /// The same, and locked as long as it is written (flock): if a killed process left it behind,
  /// remove_left_behind() removes it.
  locked,
};

/// Whether a file's name is one that is made of this stem: STEM.tmp-XXXXXX.
[[nodiscard]] bool is_temporary_name(std::string_view name, std::string_view stem);

/// Removes PATH.tmp-XXXXXX of processes that were killed while they wrote PATH: regular files of
/// this user that nobody has locked. Where it cannot, it leaves them.
void remove_left_behind(const std::string& path);

/// What commit() waits for.
enum class Durability : std::uint8_t {
  none,  ///< a machine that goes down may leave a file of that name without its content
  disk,
};

/// A file that is being written. All throw std::system_error that names the file (not the temporary
/// one).
class AtomicFile {
 public:
  /// Makes the temporary file, in the mode that the umask leaves. `stem`, if there is one, is the
  /// path that the temporary name is made of, in the same folder, in place of the file's own.
  explicit AtomicFile(std::string path, TemporaryName name = TemporaryName::locked,
                      const std::string& stem = {});
  /// Without commit() the temporary file is removed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// To read what was written.
  [[nodiscard]] int descriptor() const { return file_.get(); }
  /// Gives the file its name, in place of what has that name.
  void commit(Durability durability);

 private:
  void open_unique(const std::string& stem, bool locked);

  std::string path_;
  std::string temporary_;  // empty once it has its name
  UniqueFd file_;
};

/// Many files, of which each appears whole. A file may take its name only when its bytes are on
/// disk; to wait for each on its own would take longer than to compute it.
class FileBatch {
 public:
  /// All files are on the file system that holds the folder.
  explicit FileBatch(std::string folder) : folder_(std::move(folder)) {}

  /// Writes the file under its fixed temporary name, again if it is there already.
  void add(const std::string& path, std::string_view content);
  [[nodiscard]] bool contains(const std::string& path) const { return pending_.contains(path); }
  /// Waits until all are on disk, and gives them their names.
  void commit();

 private:
  std::string folder_;
  std::set<std::string> pending_;
};

}  // namespace bundle_match

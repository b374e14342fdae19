// Where the results go: standard output, or a file that appears complete or not at all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/atomic_file.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bundle_match::results {

/// A sink for the results. Errors throw std::system_error that names the file.
class OutputFile {
 public:
  /// "-" is standard output. A regular file is written under a temporary name beside it, which is
  /// there from the first write() or commit(); whether it can be is found out at once, before any
  /// work, and what killed runs left of such files is removed. Anything else (a pipe, /dev/null) is
  /// written directly. Without commit() the temporary file is removed.
  explicit OutputFile(std::string path);

  void write(std::string_view bytes);

  /// Flushes to disk and gives the file its name.
  void commit();

 private:
  AtomicFile& regular();
  [[noreturn]] void fail(int error) const;

  std::string path_;
  bool is_regular_ = false;
  std::optional<AtomicFile> regular_;  // from the first write() or commit()
  UniqueFd direct_;                    // of what is not regular
};

}  // namespace bundle_match::results

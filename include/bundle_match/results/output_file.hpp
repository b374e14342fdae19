// Where the results go: standard output, or a file that appears complete or not at all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <string>
#include <string_view>

namespace bundle_match::results {

/// A sink for the results. Errors throw std::system_error that names the file.
class OutputFile {
 public:
  /// "-" is standard output. A regular file is written under a temporary name beside it, which is
  /// there from the first write() or commit(); whether it can be is found out at once, before any
  /// work. Anything else (a pipe, /dev/null) is written directly.
  explicit OutputFile(std::string path);
  /// Without commit() the temporary file is removed.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);

  /// Flushes to disk and gives the file its name.
  void commit();

 private:
  void open_temporary();
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  std::string temporary_;  // empty if not open
  bool direct_ = true;
  UniqueFd fd_;
};

}  // namespace bundle_match::results

// What fuzz targets share: the input as fields, files in memory, checks that end the process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bundle_match::fuzz {

/// Ends the process, which libFuzzer takes for a finding, unless it holds.
void require(bool holds, std::string_view what);

/// The bytes that libFuzzer gives, which begin with what the target chooses by.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : left_(reinterpret_cast<const char*>(data), size) {}

  /// The next byte; 0 if there is none.
  std::uint8_t take_byte();
  [[nodiscard]] std::string_view rest() const { return left_; }

 private:
  std::string_view left_;
};

/// A file of memory with these bytes, for readers that take a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int descriptor() const { return file_.get(); }

 private:
  UniqueFd file_;
  std::string path_;
};

/// An empty folder below the one for temporary files; removed when the process ends in order.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Writes a file in it. Returns its path.
  [[nodiscard]] std::string write(const std::string& name, std::string_view bytes) const;

 private:
  std::string path_;
};

}  // namespace bundle_match::fuzz

// Files that came with orders, in memory: a compute process finds them like any file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "compute_process.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::compute {

/// An anonymous file that holds the bytes. Throws std::system_error.
[[nodiscard]] UniqueFd make_memory_file(const char* name, std::string_view bytes = {});

class ReceivedFiles {
 public:
  /// Numbers of files.
  using Places = std::vector<std::size_t>;

  /// Throws std::system_error.
  ReceivedFiles();

  /// For a new compute process.
  [[nodiscard]] std::array<int, kReceivedFiles> descriptors() const;

  /// Moves what the order carries to free files, and their paths into the order; nothing if there
  /// are too few. Throws std::system_error.
  [[nodiscard]] std::optional<Places> take(ImageOrder& order);
  void release(const Places& places);

 private:
  struct File {
    UniqueFd memory;
    bool in_use = false;
  };

  std::string fill_one(std::optional<std::string>& bytes, Places& places);

  std::array<File, kReceivedFiles> files_;
};

}  // namespace bundle_match::compute

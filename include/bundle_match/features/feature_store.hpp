// The features that a host keeps, in two files that its processes share: one of memory and, for
// what is more than is to be kept there, one on disk.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/features/feature_set.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace bundle_match::features {

/// Only grows. Its files can be mapped by others while it does (MappedFeatures): what was appended
/// never changes.
class FeatureStore {
 public:
  /// Throws std::system_error if there can be no file of memory. That there can be none on disk
  /// matters once it is needed.
  explicit FeatureStore(FeatureSetPlace place);

  /// Throws std::system_error, which names the folder, if there is no room.
  [[nodiscard]] StoredFeatures append(std::string_view encoded);
  /// What was appended there; nothing if nothing was, or it cannot be read.
  [[nodiscard]] std::optional<std::string> read(const StoredFeatures& stored) const;

  /// Not owned by the caller. -1 if there can be none on disk.
  [[nodiscard]] int memory_file() const { return memory_.file.get(); }
  [[nodiscard]] int disk_file() const { return disk_.file.get(); }

 private:
  struct Part {
    UniqueFd file;
    std::uint64_t size_bytes = 0;
  };

  FeatureSetPlace place_;
  Part memory_;
  Part disk_;
  std::optional<std::system_error> why_no_disk_;
};

}  // namespace bundle_match::features

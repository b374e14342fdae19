// Where the features of an image are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <compare>
#include <cstdint>
#include <vector>

namespace bundle_match {

/// Encoded features (features/feature_codec.hpp) in a host's store: a part of one of its files.
struct StoredFeatures {
  enum class File : std::uint8_t {
    memory = 0,
    disk = 1,  ///< of those that are more than is to be kept in memory
  };

  File file = File::memory;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;

  // clang-tidy takes the 0 in what the compiler makes of a < b for a null pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const StoredFeatures&, const StoredFeatures&) = default;
};

[[nodiscard]] constexpr StoredFeatures::File last_value(StoredFeatures::File /*any*/) {
  return StoredFeatures::File::disk;
}

/// The same, and whose store it is. Each is used once in a run.
struct FeatureHome {
  Rank keeper;  ///< the rank that keeps the store of its host
  StoredFeatures stored;

  // clang-tidy takes the 0 in what the compiler makes of a < b for a null pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const FeatureHome&, const FeatureHome&) = default;
};

using FeatureHomes = std::vector<FeatureHome>;

}  // namespace bundle_match

// Encoded features in files that all processes of a node share, as they are looked at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/features/feature_codec.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

namespace bundle_match::features {

/// One image's features: their bytes stay mapped for as long as this object or a copy of it is
/// there.
struct MappedImage {
  DescribedView view;        ///< no features if there are none of the image
  std::string_view encoded;  ///< empty likewise
  std::shared_ptr<const void> mapping;
};

/// Maps parts of one or two files, one by one. Not to be used by two threads at once.
class MappedFeatures {
 public:
  /// Addresses that it keeps for images that were looked at last, beside those that somebody has;
  /// and how many images that are at most, as a process can have some 65,000 mappings.
  static constexpr std::uint64_t kMostMappedBytes = std::uint64_t{1} << 30;
  static constexpr std::size_t kMostMapped = 16384;

  MappedFeatures() = default;  ///< of no file
  /// `disk` may be invalid, if nothing is there.
  explicit MappedFeatures(UniqueFd memory, UniqueFd disk = UniqueFd(),
                          std::uint64_t most_mapped_bytes = kMostMappedBytes);

  [[nodiscard]] bool has_files() const { return memory_.valid() || disk_.valid(); }
  /// Nothing, of no bytes. Throws std::runtime_error if the bytes are damaged (checked at the first
  /// look only) or not there, and std::system_error if they cannot be mapped.
  [[nodiscard]] MappedImage operator[](const StoredFeatures& stored) const;

 private:
  using LastUsed = std::list<std::pair<StoredFeatures, MappedImage>>;

  [[nodiscard]] MappedImage map(const StoredFeatures& stored) const;
  void forget_oldest() const;

  UniqueFd memory_;
  UniqueFd disk_;
  std::uint64_t most_mapped_bytes_ = 0;
  mutable std::set<StoredFeatures> checked_;
  mutable LastUsed mapped_;  // the last one first
  mutable std::map<StoredFeatures, LastUsed::iterator> positions_;
  mutable std::uint64_t mapped_bytes_ = 0;
};

}  // namespace bundle_match::features

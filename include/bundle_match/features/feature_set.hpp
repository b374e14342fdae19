// The features of many images in one file of memory, which all processes of a node can share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/features/feature_codec.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace bundle_match::features {

/// The position of one image's bytes in the file.
struct FeatureSetEntry {
  std::uint64_t offset = 0;  ///< a multiple of 64
  std::uint64_t size_bytes = 0;
};

/// Ends the mapping of a file.
struct UnmapFile {
  std::size_t size_bytes = 0;
  void operator()(const char* file) const;
};

/// Collects encoded features (encode_features) into a memory file, in order. Throws
/// std::system_error if memory does not suffice; the builder is then of no more use.
///
/// The file holds the images' bytes, each padded to a multiple of 64, then the table of their
/// offsets and sizes, then the number of images: copied byte by byte it is as good elsewhere.
class FeatureSetBuilder {
 public:
  FeatureSetBuilder();
  /// Empty bytes stand for an image without features (one that could not be read).
  void append(std::string_view encoded);
  [[nodiscard]] std::size_t size() const { return table_.size(); }
  /// Writes the table; nothing may be appended afterwards. The descriptor is the caller's. The file
  /// is sealed: whoever has it can read it, and nobody can change it.
  [[nodiscard]] UniqueFd finish();

 private:
  void write(std::string_view bytes);

  UniqueFd file_;
  std::uint64_t written_ = 0;
  std::vector<FeatureSetEntry> table_;
};

/// A read-only shared mapping of such a file, which the caller may close at once. Throws
/// std::runtime_error if it is not one (the table is checked, each image when it is looked at). Not
/// to be used by two threads at once.
class FeatureSet {
 public:
  FeatureSet() = default;  ///< empty
  explicit FeatureSet(int file);

  [[nodiscard]] std::size_t size() const { return images_.size(); }
  [[nodiscard]] bool contains(ReferenceIndex i) const { return images_.contains(i); }
  /// An image's features; an image without any has none of them. Throws std::out_of_range, and
  /// std::runtime_error if its bytes are damaged (checked at the first look only). The view is good
  /// for as long as the set, or the one it was moved to, is there.
  [[nodiscard]] DescribedView operator[](ReferenceIndex i) const;
  /// The encoded bytes. Throws std::out_of_range.
  [[nodiscard]] std::string_view bytes(ReferenceIndex i) const { return images_.at(i); }

 private:
  std::unique_ptr<const char[], UnmapFile> file_;
  ById<ReferenceIndex, std::string_view> images_;
  // Those looked at so far.
  mutable ById<ReferenceIndex, std::optional<DescribedView>> views_;
};

}  // namespace bundle_match::features

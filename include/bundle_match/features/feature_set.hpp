// The features of many images in one file, which all processes of a node can share: of memory or,
// if they are more than is to be kept in memory, on disk.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/features/mapped_features.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace bundle_match::features {

/// The position of one image's bytes in the file.
struct FeatureSetEntry {
  std::uint64_t offset = 0;  ///< a multiple of 64; 0 if there are no bytes
  std::uint64_t size_bytes = 0;
};

/// Where a set may be kept.
struct FeatureSetPlace {
  /// A larger one goes on disk, where the kernel keeps in memory what it has room for.
  std::uint64_t most_memory_bytes = std::numeric_limits<std::uint64_t>::max();
  std::string scratch_folder = {};  ///< for files without a name
};

/// An empty file for a set of so many bytes, to be written and then passed to share_set_file().
/// Throws std::system_error.
[[nodiscard]] UniqueFd make_set_file(const FeatureSetPlace& place, std::uint64_t size_bytes);

/// The file, opened for reading. One of memory is sealed: whoever has it can read it, and nobody
/// can change it. Throws std::system_error.
[[nodiscard]] UniqueFd share_set_file(UniqueFd file);

/// Collects encoded features (encode_features) into a file, in any order. Throws std::system_error
/// if memory, and then the disk, does not suffice; the builder is then of no more use.
///
/// The file holds the images' bytes as they came, each padded to a multiple of 64, then the table
/// of their offsets and sizes, then the number of images: copied byte by byte it is as good
/// elsewhere.
class FeatureSetBuilder {
 public:
  /// Of so many images.
  explicit FeatureSetBuilder(std::size_t images, FeatureSetPlace place = {});
  /// Once at most of each image. One that there is nothing of has no features (it could not be
  /// read). Throws std::out_of_range for an image that there is not.
  void add(ReferenceIndex image, std::string_view encoded);
  /// Writes the table; nothing may be added afterwards. The descriptor, for reading, is the
  /// caller's.
  [[nodiscard]] UniqueFd finish();

 private:
  void write(std::string_view bytes);
  void move_to_disk();

  FeatureSetPlace place_;
  UniqueFd file_;
  bool on_disk_ = false;
  std::uint64_t written_ = 0;
  ById<ReferenceIndex, FeatureSetEntry> table_;
};

/// Reads such a file. Throws std::runtime_error if it is not one (the table is checked, each image
/// when it is looked at). Not to be used by two threads at once.
class FeatureSet {
 public:
  FeatureSet() = default;  ///< empty
  explicit FeatureSet(UniqueFd file,
                      std::uint64_t most_mapped_bytes = MappedFeatures::kMostMappedBytes);

  [[nodiscard]] std::size_t size() const { return table_.size(); }
  [[nodiscard]] bool contains(ReferenceIndex i) const { return table_.contains(i); }
  /// An image's features. Throws std::out_of_range, and what MappedFeatures does.
  [[nodiscard]] MappedImage operator[](ReferenceIndex i) const { return images_[table_.at(i)]; }

 private:
  ById<ReferenceIndex, StoredFeatures> table_;
  MappedFeatures images_;
};

}  // namespace bundle_match::features

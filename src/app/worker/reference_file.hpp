// A rank's file of references: its own, made of pieces that rank 0 sends, or that of another
// process of its node.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/features/feature_set.hpp"
#include "bundle_match/machine/worker_machine.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <cstdint>
#include <utility>

namespace bundle_match::app {

class ReferenceFile {
 public:
  /// `place` is for its own.
  explicit ReferenceFile(features::FeatureSetPlace place = {}) : place_(std::move(place)) {}

  /// Appends the piece; one that does not follow what is there is left out. Throws
  /// std::system_error if memory, or the disk, does not suffice.
  [[nodiscard]] machine::ReferencesTaken append(const ReferencesPiece& piece);

  /// Opens the file of the other process instead, if it is there.
  [[nodiscard]] machine::ReferencesTaken open(const SharedFile& shared);

  /// The file, once it was complete.
  [[nodiscard]] int descriptor() const { return file_.get(); }

 private:
  features::FeatureSetPlace place_;
  UniqueFd file_;
  std::uint64_t received_bytes_ = 0;
};

/// How others of this node find this process's file. Throws std::system_error.
[[nodiscard]] SharedFile share_file(int file);

/// The file of another process of this node, for reading; of any size, as it may have grown.
/// Invalid if it is not there, or another file is: the same process number may be another process
/// in another container.
[[nodiscard]] UniqueFd open_shared_file(const SharedFile& shared);

}  // namespace bundle_match::app

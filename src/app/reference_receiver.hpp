// A worker's part of getting the references: from rank 0, or from a rank of its node.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

namespace bundle_match::app {

class ReferenceReceiver {
 public:
  /// Takes a message, and gives the report that rank 0 is to have: what more is wanted, or that all
  /// is there. Throws std::system_error if memory does not suffice.
  [[nodiscard]] ImageReport take(const ReferencesMessage& message);

  /// The file, once a report said that all is there.
  [[nodiscard]] int file() const { return file_.get(); }

 private:
  bool open_shared(const SharedFile& shared);
  void append(const std::string& piece);

  UniqueFd file_;
};

}  // namespace bundle_match::app

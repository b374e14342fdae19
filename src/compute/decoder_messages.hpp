// What decoders write to standard error (libjpeg, libpng: they know no other way), caught.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <string>

namespace bundle_match::compute {

/// Redirects this process's standard error into memory for good.
class DecoderMessages {
 public:
  DecoderMessages();

  /// The first line written since the last call, in printable characters and without the name that
  /// the image was opened by (not empty); empty if none. Forgets the rest.
  [[nodiscard]] std::string take(const std::string& path);

  /// Forgets what was written.
  void forget();

 private:
  UniqueFd memory_;
};

}  // namespace bundle_match::compute

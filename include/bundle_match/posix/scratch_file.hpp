// Files on disk without a name, for what does not fit into memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <string>

namespace bundle_match {

/// An empty file in the folder, closed on exec, for this process to write and for all of this user
/// to read. It has no name, and is gone with the last who has it open or mapped. Throws
/// std::system_error that names the folder.
[[nodiscard]] UniqueFd make_scratch_file(const std::string& folder);

/// $TMPDIR or, without it, /var/tmp, which is on disk where /tmp may be memory.
[[nodiscard]] std::string default_scratch_folder();

/// Appends a whole file to another one. Returns 0, or the errno of what failed.
[[nodiscard]] int append_file(int to, int from);

}  // namespace bundle_match

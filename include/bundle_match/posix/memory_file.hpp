// Files of memory that are written once and then shared with processes that are not trusted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/posix/file_descriptor.hpp"

#include <string_view>

namespace bundle_match {

/// An empty anonymous file, closed on exec, that can be sealed. `name` is for those who look into
/// /proc. Throws std::system_error.
[[nodiscard]] UniqueFd make_memory_file(const char* name);

/// Appends the bytes to a file of memory. Throws std::system_error if memory does not suffice.
void append_to_memory_file(int file, std::string_view bytes);

/// Whether the descriptor is of such a file.
[[nodiscard]] bool is_memory_file(int file);

/// From now on nobody can change the file's bytes or size, by whatever descriptor or path they
/// reach it, and nobody can undo that. Throws std::system_error, also while the file is mapped for
/// writing.
void seal(int file);

/// A sealed file of memory with these bytes. Throws std::system_error.
[[nodiscard]] UniqueFd make_sealed_file(const char* name, std::string_view bytes);

}  // namespace bundle_match

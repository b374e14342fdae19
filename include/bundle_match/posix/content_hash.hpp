// What a file holds, in 32 digits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bundle_match {

/// The 128-bit XXH3 of the bytes (xxHash), hexadecimal.
[[nodiscard]] std::string content_hash(std::string_view bytes);

/// That of a regular file's content. Throws std::system_error if it is none, or cannot be read.
[[nodiscard]] std::string content_hash_of_file(const std::string& path);

}  // namespace bundle_match

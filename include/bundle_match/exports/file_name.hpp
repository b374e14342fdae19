// Paths of images as names of files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bundle_match::exports {

/// The scheme of match_files.hpp: readable, another one for every path, at most 200 bytes, never
/// hidden, "." or "..".
[[nodiscard]] std::string file_name_of(std::string_view path);

}  // namespace bundle_match::exports

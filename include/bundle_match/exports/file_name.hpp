// Makes file names of images' paths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bundle_match::exports {

/// By the scheme of match_files.hpp: readable, different for every path, at most 200 bytes, never
/// hidden, "." or "..".
[[nodiscard]] std::string file_name_of(std::string_view path);

}  // namespace bundle_match::exports

// A file as libjpeg and libpng read it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace bundle_match::features {

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using StdioFile = std::unique_ptr<std::FILE, CloseFile>;

/// The file, at its start; nothing if it begins otherwise or cannot be read. Waits for no FIFO's
/// writer. Throws std::bad_alloc.
[[nodiscard]] StdioFile open_if_it_begins_with(std::string_view signature, const std::string& path);

}  // namespace bundle_match::features

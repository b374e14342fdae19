// Opened by descriptor, looked at, then handed to the C library.
// SPDX-License-Identifier: Apache-2.0
#include "stdio_file.hpp"

#include "bundle_match/posix/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <new>

namespace bundle_match::features {

StdioFile open_if_it_begins_with(std::string_view signature, const std::string& path) {
  UniqueFd fd = open_for_reading(path);
  std::string start(signature.size(), '\0');
  if (!fd.valid() || read_at(fd.get(), start, 0) != std::int64_t(start.size()) ||
      start != signature) {
    return nullptr;
  }
  StdioFile file(::fdopen(fd.get(), "rb"));
  if (!file) {
    throw std::bad_alloc();
  }
  (void)fd.release();
  return file;
}

}  // namespace bundle_match::features

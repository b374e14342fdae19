// Lists of paths, as blocks of any length.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/path_list.hpp"
#include "command/list_lines.hpp"
#include "fuzz_support.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace bundle_match;

// Bytes: the separator, the length of the blocks, then the list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const char separator = input.take_byte() % 2 == 0 ? '\n' : '\0';
  const std::size_t block = std::max<std::size_t>(input.take_byte(), 1);
  const std::string_view list = input.rest();

  PathList paths;
  app::ListLines lines(separator, [&](std::string_view line) {
    if (!line.empty()) {
      paths.add(line);
    }
  });
  for (std::size_t at = 0; at < list.size(); at += block) {
    lines.take(list.substr(at, block));
  }
  lines.finish();

  // The list without empty lines is what its paths make.
  std::string kept;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] != separator || (!kept.empty() && kept.back() != separator)) {
      kept += list[i];
    }
  }
  if (!kept.empty() && kept.back() != separator) {
    kept += separator;
  }
  std::string joined;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    joined.append(paths[i]) += separator;
  }
  fuzz::require(joined == kept, "the paths are the lines that are not empty");
  return 0;
}

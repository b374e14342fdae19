// Files in the folder of the cache, which other users of a cluster may be able to write.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"
#include "cache/entry_file.hpp"
#include "fuzz_support.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/stat.h>

using namespace bundle_match;

namespace {

constexpr std::string_view kKey = "00112233445566778899aabbccddeeff";

// The header of the entry in place of what the input begins with.
std::string with_header(std::string_view bytes) {
  std::string fixed(bytes);
  if (fixed.size() >= sizeof(cache::EntryHeader)) {
    const cache::EntryHeader header =
        cache::header_of(kKey, bytes.substr(sizeof(cache::EntryHeader)));
    std::memcpy(fixed.data(), &header, sizeof header);
  }
  return fixed;
}

}  // namespace

// Bytes: whether the header is put right, then the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchFolder folder;
  static const std::string subfolder = cache::subfolder_of("", kKey);
  static const int made = ::mkdir((folder.path() + subfolder).c_str(), 0700);
  fuzz::require(made == 0, "the folder of the entry can be made");

  fuzz::Input input(data, size);
  const bool whole = input.take_byte() % 2 == 0;
  const std::string bytes = whole ? with_header(input.rest()) : std::string(input.rest());
  (void)folder.write(cache::entry_path("", kKey), bytes);
  const auto found = cache::find(folder.path(), std::string(kKey));
  if (whole && bytes.size() >= sizeof(cache::EntryHeader)) {
    fuzz::require(found.has_value(), "an entry with the right header is found");
  }
  if (found) {
    fuzz::require(
        bytes.ends_with(*found) && bytes.size() == found->size() + sizeof(cache::EntryHeader),
        "an entry is what stands behind its header");
  }
  return 0;
}

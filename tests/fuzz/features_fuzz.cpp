// Encoded features, and sets of them, as they come from compute processes, other ranks and the
// cache.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_codec.hpp"
#include "bundle_match/features/feature_set.hpp"
#include "fuzz_support.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <xxhash.h>

using namespace bundle_match;

namespace {

// Else nearly every input is refused for its checksum alone.
std::string with_checksum(std::string_view bytes) {
  constexpr std::size_t kChecksumAt = 8, kChecksummedFrom = 16;
  std::string fixed(bytes);
  if (fixed.size() >= kChecksummedFrom) {
    const std::uint64_t sum =
        XXH3_64bits(fixed.data() + kChecksummedFrom, fixed.size() - kChecksummedFrom);
    std::memcpy(fixed.data() + kChecksumAt, &sum, sizeof sum);
  }
  return fixed;
}

void read_features(std::string_view bytes) {
  const std::vector<std::uint64_t> aligned((bytes.size() + 7) / 8 + 1);
  auto* const copy = const_cast<char*>(reinterpret_cast<const char*>(aligned.data()));
  bytes.copy(copy, bytes.size());
  if (const auto view = features::view_features({copy, bytes.size()})) {
    fuzz::require(features::encode_features(*view) == bytes,
                  "features encode to the bytes they were read from");
  }
}

void read_set(std::string_view bytes) {
  const fuzz::MemoryFile file(bytes);
  try {
    const features::FeatureSet set(reopen_for_reading(file.descriptor()));
    for (const ReferenceIndex i : first_ids<ReferenceIndex>(set.size())) {
      fuzz::require(set[i].encoded.size() <= bytes.size(), "an image's bytes are within the set");
    }
  } catch (const std::runtime_error&) {
    // It is no set, or one of damaged images.
  }
}

}  // namespace

// Bytes: whether features, features whose checksum is put right, or a set; then these.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  switch (input.take_byte() % 3) {
    case 0:
      read_features(with_checksum(input.rest()));
      break;
    case 1:
      read_features(input.rest());
      break;
    default:
      read_set(input.rest());
  }
  return 0;
}

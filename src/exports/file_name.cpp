// Percent-encodes paths; a path that is too long gets a hash instead.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/exports/file_name.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <xxhash.h>

namespace bundle_match::exports {
namespace {

constexpr std::size_t kLongest = 200;  // of 255 that file systems take, with endings
constexpr std::size_t kTail = 150;

// Not isalnum(), which depends on the locale.
bool stands_for_itself(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::string percent_encoded(std::string_view path) {
  std::string name;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (stands_for_itself(c) && (i > 0 || c != '.')) {
      name += c;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return name;
}

}  // namespace

std::string file_name_of(std::string_view path) {
  std::string name = percent_encoded(path);
  if (name.size() <= kLongest) {
    return name;
  }
  // No encoded name contains a tilde, so names with and without a hash cannot be equal.
  const XXH128_hash_t hash = XXH3_128bits(path.data(), path.size());
  std::size_t begin = name.size() - kTail;
  // Do not begin within a %XX.
  for (std::size_t back = 1; back <= 2; ++back) {
    if (name[begin - back] == '%') {
      begin += 3 - back;
      break;
    }
  }
  return fmt::format("{:016x}{:016x}~{}", hash.high64, hash.low64,
                     std::string_view(name).substr(begin));
}

}  // namespace bundle_match::exports

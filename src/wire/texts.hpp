// Strings of messages, and what each of them may be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/wire/encoding.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace bundle_match::wire {

/// A string on its way into or out of an archive.
struct Text {
  std::string& value;
  std::size_t longest;
};

[[nodiscard]] inline Text path(std::string& value) { return {value, kLongestPath}; }
[[nodiscard]] inline Text reason(std::string& value) { return {value, kLongestReason}; }
[[nodiscard]] inline Text name(std::string& value) { return {value, kLongestName}; }
/// Of a file or of features: as many as there are.
[[nodiscard]] inline Text bytes(std::string& value) {
  return {value, std::numeric_limits<std::size_t>::max()};
}

/// The name of an entry of the cache.
struct CacheKey {
  std::string& value;
};

[[nodiscard]] inline bool is_cache_key(std::string_view text) {
  constexpr std::size_t kDigits = 32;  // as cache::is_key has it
  return text.size() == kDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace bundle_match::wire

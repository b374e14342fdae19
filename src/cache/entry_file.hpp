// Names and form of the files in a cache's folder: entries (ab/cd...30 digits.features), temporary
// files beside them, and one that tells when the folder was pruned last.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bundle_match::cache {

/// What stands before the encoded features.
struct EntryHeader {
  std::array<char, 8> magic{};
  std::array<char, 32> key{};  ///< so that a file that got another's name is not taken for it
  std::uint64_t size_bytes = 0;
  std::uint64_t checksum = 0;  ///< XXH3-64 of the encoded features; the rest is compared

  friend bool operator==(const EntryHeader&, const EntryHeader&) = default;
};

/// The header of that entry. `key` is one (is_key).
[[nodiscard]] EntryHeader header_of(std::string_view key, std::string_view encoded);

/// 32 hexadecimal digits, in lower case.
[[nodiscard]] bool is_key(std::string_view text);

/// Of a key: FOLDER/ab, and FOLDER/ab/cd....features.
[[nodiscard]] std::string subfolder_of(const std::string& folder, std::string_view key);
[[nodiscard]] std::string entry_path(const std::string& folder, std::string_view key);

/// What names of temporary files are made of; see posix/atomic_file.hpp.
inline constexpr std::string_view kTemporaryStem = "features";
/// Its time of change is when the folder was pruned last.
inline constexpr std::string_view kPrunedName = "pruned";

/// Whether names are those that the cache gives: "ab", "cd....features", "features.tmp-x1y2z3".
[[nodiscard]] bool is_subfolder_name(std::string_view name);
[[nodiscard]] bool is_entry_name(std::string_view name);
[[nodiscard]] bool is_temporary_name(std::string_view name);

}  // namespace bundle_match::cache

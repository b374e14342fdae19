// Where an image's bytes begin in a file of many.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bundle_match::features {

/// A cache line: the alignment that the codec and the kernels are fastest with.
inline constexpr std::uint64_t kBlockAlignment = 64;

/// How many bytes stand behind so many.
[[nodiscard]] constexpr std::uint64_t padding_of(std::uint64_t size) {
  return (0 - size) % kBlockAlignment;
}

/// These bytes.
[[nodiscard]] inline std::string_view padding_behind(std::string_view bytes) {
  static constexpr std::array<char, kBlockAlignment> kZeros{};
  return {kZeros.data(), padding_of(bytes.size())};
}

}  // namespace bundle_match::features

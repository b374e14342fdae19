// Ids as literals: 3_image, 3_reference, 3_rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <cstdint>

namespace bundle_match {

constexpr ImageIndex operator""_image(unsigned long long number) { return ImageIndex(number); }
constexpr ReferenceIndex operator""_reference(unsigned long long number) {
  return ReferenceIndex(static_cast<std::uint32_t>(number));
}
constexpr Rank operator""_rank(unsigned long long number) { return Rank(static_cast<int>(number)); }

}  // namespace bundle_match

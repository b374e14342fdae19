// Checks and conversions of arguments, shared by the exporters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/exports/exporter.hpp"

#include <span>
#include <string_view>

namespace bundle_match::exports {

/// Throws std::invalid_argument for what Exporter::add_pair() refuses.
void check_pair(const PairMatches& pair);

/// The bytes of an array of numbers.
template <typename Numbers>
[[nodiscard]] std::string_view bytes_of(const Numbers& numbers) {
  const auto bytes = std::as_bytes(std::span(numbers));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace bundle_match::exports

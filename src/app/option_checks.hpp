// Checks of the values of options. Each says what its option takes; CLI11 puts the name before it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <string>

namespace bundle_match::app {

[[nodiscard]] CLI::Validator whole_number(
    std::int32_t lowest, std::int32_t highest = std::numeric_limits<std::int32_t>::max());

/// Not negative; 0 is for no limit.
[[nodiscard]] CLI::Validator seconds();

/// Above 0, at most 1.
[[nodiscard]] CLI::Validator ratio();

[[nodiscard]] CLI::Validator positive_number();

/// Rewrites a size with a unit as its number of bytes. `smallest` is in words what may be least.
[[nodiscard]] CLI::Validator size(const std::string& smallest, std::uint64_t smallest_bytes);

/// Of a matching kernel that this CPU has, or "list".
[[nodiscard]] CLI::Validator kernel_name();

}  // namespace bundle_match::app

// Checks of the values of options. Each says what its option takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

namespace bundle_match::app {

/// An option or its value that the command does not take; what() is the sentence for the user.
class BadOption : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Returns what is wrong with a value, as "takes a number, not 'x'"; empty if nothing. May rewrite
/// the value.
using Check = std::function<std::string(std::string&)>;

/// Has the option refuse values that the check finds wrong, with a BadOption that begins with the
/// option's name.
void check_values(CLI::Option* option, Check check);

[[nodiscard]] Check whole_number(std::int32_t lowest,
                                 std::int32_t highest = std::numeric_limits<std::int32_t>::max());

/// Not negative; 0 is for no limit.
[[nodiscard]] Check seconds();

/// Above 0, at most 1.
[[nodiscard]] Check ratio();

[[nodiscard]] Check positive_number();

/// Rewrites a size with a unit as its number of bytes. `smallest` is the
/// smallest size allowed, as messages print it.
[[nodiscard]] Check size(const std::string& smallest, std::uint64_t smallest_bytes);

/// Of a matching kernel that this CPU has, or "list".
[[nodiscard]] Check kernel_name();

/// Of an option that is on or off, as CLI11 reads it: true, false, 1, no and the like.
[[nodiscard]] Check on_or_off();

}  // namespace bundle_match::app

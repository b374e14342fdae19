// Makes large allocations fail in the programs that link refused_allocations.cpp, and remembers
// them: damaged bytes then cannot fill the memory of the machine that runs the tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace bundle_match::test {

/// operator new throws std::bad_alloc for more than this.
inline constexpr std::size_t kLargestAllocation = std::size_t{64} << 20;

/// The largest size that operator new was asked for since the last call.
[[nodiscard]] std::size_t take_largest_request();

}  // namespace bundle_match::test

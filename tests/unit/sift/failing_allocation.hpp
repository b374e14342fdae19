// Lets one allocation fail in the programs that link failing_allocation.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::features {

/// From now on `count` calls of operator new succeed, and the one after them throws std::bad_alloc.
/// Negative: all succeed.
void fail_allocation_after(int count);

/// Whether that one has failed.
[[nodiscard]] bool allocation_has_failed();

}  // namespace bundle_match::features

// The cores that a thread may run on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace bundle_match {

/// The kernel's numbers of the logical CPUs that the calling thread may use, sorted; none if they
/// cannot be told.
[[nodiscard]] std::vector<std::uint16_t> allowed_cores();

/// Binds the calling thread to these of the cores that its process may have; false if there are
/// none, and then nothing has changed.
[[nodiscard]] bool run_on_cores(const std::vector<std::uint16_t>& cores);

}  // namespace bundle_match

// Which images are most like which, by brute force.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/kernel.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace bundle_match::similarity {

struct Similar {
  std::uint32_t row = 0;
  std::uint32_t distance = 0;  ///< squared

  friend bool operator==(const Similar&, const Similar&) = default;
};

/// For each vector of these rows, in ascending order, the `count` nearest of all others, nearest
/// first; of equals those with the lower row. What is found for a row does not depend on the other
/// rows that are asked for, nor on the kernel. `go_on` is asked now and then: if it says no,
/// nothing is returned.
[[nodiscard]] std::vector<std::vector<Similar>> most_similar(matching::VectorView vectors,
                                                             const std::vector<std::uint32_t>& rows,
                                                             std::size_t count,
                                                             const matching::Kernel& kernel,
                                                             const std::function<bool()>& go_on);

}  // namespace bundle_match::similarity

// The plain kernel's factories. See matcher.hpp and distances.hpp for the contracts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/distances.hpp"
#include "bundle_match/matching/matcher.hpp"

#include <memory>

namespace bundle_match::matching::plain {

[[nodiscard]] std::unique_ptr<Matcher> make_matcher(DescriptorView query);
[[nodiscard]] std::unique_ptr<Distances> make_distances(VectorView rows);

}  // namespace bundle_match::matching::plain

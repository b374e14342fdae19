// The plain kernel's factory. See matcher.hpp for the contract.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/matcher.hpp"

#include <memory>

namespace bundle_match::matching::plain {

[[nodiscard]] std::unique_ptr<Matcher> make_matcher(DescriptorView query);

}  // namespace bundle_match::matching::plain

// What a compute process can have found out about an image.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/match_options.hpp"

#include <optional>
#include <string>

namespace bundle_match::machine {

/// Why this cannot be what a compute process has to say to such an order; nothing if it can be.
/// Encoded features are not looked into.
[[nodiscard]] std::optional<std::string> why_invalid_result(const ComputeResult& result,
                                                            const Work& work,
                                                            const MatchOptions& options);

}  // namespace bundle_match::machine

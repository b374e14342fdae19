// The order in which images are handed out: those that take longest first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/path_list.hpp"

#include <chrono>

namespace bundle_match::app {

/// Every image once, largest first, so that at the end no rank works alone on a large image.
/// Sizes are estimates from file sizes and PNG headers; images that could not be
/// examined within `patience` follow in the input's order.
[[nodiscard]] LargeVector<ImageIndex> hand_out_order(
    const PathList& paths, std::chrono::milliseconds patience = std::chrono::milliseconds(300));

}  // namespace bundle_match::app

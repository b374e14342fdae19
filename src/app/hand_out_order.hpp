// Which image to hand out first: the one that takes longest.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/messages.hpp"
#include "bundle_match/core/path_list.hpp"

#include <chrono>

namespace bundle_match::app {

/// Every image once, largest first, so that the last one does not keep one rank alone at work.
/// Sizes are estimates from file sizes and PNG headers; images that `patience` did not suffice to
/// look at follow in the input's order.
[[nodiscard]] LargeVector<ImageIndex> hand_out_order(
    const PathList& paths, std::chrono::milliseconds patience = std::chrono::milliseconds(300));

}  // namespace bundle_match::app

// MPI's tags of the link's messages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::transport {

/// One for each way, so that messages of one sender stay in their order.
inline constexpr int kTagToWorker = 1;
inline constexpr int kTagToRank0 = 2;
inline constexpr int kTagOfJob = 3;
inline constexpr int kTagOfHosts = 4;  // and back: how many ranks are on the host
inline constexpr int kTagOfPeers = 5;  // of ranks about features, whichever they are

}  // namespace bundle_match::transport

// A worker's loop: takes orders from rank 0, has its compute process do them, hands back reports.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/transport/link.hpp"

namespace bundle_match::app {

/// Runs until rank 0 says stop.
void run_worker(const transport::Link& link, compute::ComputeClient& compute);

}  // namespace bundle_match::app

// A worker's loop: messages of rank 0 to the part that computes, and its answers back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/transport/link.hpp"

namespace bundle_match::app {

/// Runs until rank 0 says that MPI is to be finalized. Ends the process if rank 0 is silent for
/// too long (Job::rank_timeout_s), or if it says that ranks were lost and MPI is not to be
/// finalized.
void run_worker(transport::Link& link, compute::ImageProcessor& processor, const Job& job);

}  // namespace bundle_match::app

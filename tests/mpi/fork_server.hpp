// The fork server of tests that compute.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/fork_server.hpp"

namespace bundle_match::test {

/// This process's, started before MPI.
[[nodiscard]] compute::ForkServer& fork_server();

}  // namespace bundle_match::test

// What every test on several ranks has at hand: the link and the fork server of its process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/transport/link.hpp"

#include <optional>
#include <string>

namespace bundle_match::test {

/// Made once, by main.
struct MpiEnvironment {
  compute::ForkServer& fork_server;  ///< started before MPI
  transport::Link& link;
};

[[nodiscard]] MpiEnvironment& mpi_environment();

/// Waits until every rank is here.
void barrier();

/// Rank 0's string, on every rank.
[[nodiscard]] std::string shared(const std::string& of_rank_0);

/// Calls `receive` until it gives something; nothing if it does not for a long time.
template <class Receive>
[[nodiscard]] auto receive_soon(Receive receive) -> decltype(receive());

}  // namespace bundle_match::test

#include "support/processes.hpp"

template <class Receive>
auto bundle_match::test::receive_soon(Receive receive) -> decltype(receive()) {
  decltype(receive()) received;
  (void)eventually([&] { return (received = receive()).has_value(); });
  return received;
}

// What every test on several ranks has at hand: the link of its process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/transport/link.hpp"

#include <string>

namespace bundle_match::test {

/// Runs the tests on every rank; a failure on one rank fails the program on all of them. What has
/// to be there before MPI is made before this is called. Returns what main returns.
[[nodiscard]] int run_mpi_tests(int argc, char** argv);

/// Made by run_mpi_tests().
[[nodiscard]] transport::Link& link();

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
